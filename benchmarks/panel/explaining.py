"""The panel's own pages, which sqladmin has not: each is to answer within 200 ms."""

from urllib.parse import urlencode

import asyncpg

from benchmarks.databases import Databases, sql
from benchmarks.panel.pages import AGENT, Page
from qlmodels import policies
from qlmodels.connection import connect

EPISODES = 100_000
GOAL = 0.2


async def explaining(served: Databases, database: str) -> list[Page]:
    """Load episodes and instances, keep a version, and name the pages."""
    async with connect(served.superuser(database)) as superuser:
        await superuser.execute(sql("load_trajectories"), 0, EPISODES)
        await superuser.execute(sql("panel_episodes"))
        await superuser.execute("vacuum (analyze)")
    async with connect(served.owner.set(database=database)) as owner:
        version = await policies.keep(owner, AGENT)
        return [
            Page(name, None, f"/admin/{path}", GOAL)
            for name, path in _paths(await _episode(owner), version)
        ]


async def _episode(owner: asyncpg.Connection) -> str:
    async with owner.transaction():
        await owner.execute("set local role qlmodels_definer")
        return str(
            await owner.fetchval(
                "select trajectory_id from trajectories where agent_type = $1 limit 1", AGENT
            )
        )


def _paths(episode: str, version: int | None) -> list[tuple[str, str]]:
    here = {"agent_type": AGENT}
    return [
        ("home", ""),
        ("fleet", "fleet"),
        ("curves", "curves"),
        ("curves of an agent type", f"curves?{urlencode(here)}"),
        ("curves, an instance each", f"curves?{urlencode({**here, 'groups': 'instance'})}"),
        ("policy", f"policy?{urlencode(here)}"),
        ("policy against a version", f"policy?{urlencode({**here, 'against': version})}"),
        ("trajectories to pick from", "trajectory"),
        ("a trajectory step by step", f"trajectory?{urlencode({**here, 'id': episode})}"),
        ("patterns' effectiveness", "patterns"),
        ("isolation", "isolation"),
        ("database", "database"),
        ("search for a word", "search?q=night"),
        ("search for a task", "search?q=task-5000"),
        ("an agent type with its rows", f"agent_types/details/{AGENT}"),
        ("list of trajectories", "trajectories/list"),
    ]
