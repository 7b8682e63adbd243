"""The episodes to pick a trajectory from: the newest, or those that failed, of an agent type."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels_admin.db import statements_of
from qlmodels_admin.pages.page import Sources
from qlmodels_admin.values import cut
from qlmodels_admin.web import known_agent_type, uuid_parameter

query = statements_of(__package__)

PAGE_SIZE: Final = 50

OUTCOMES: Final = {"": "all", "failed": "failed", "succeeded": "succeeded"}
EPISODE_KINDS: Final = {"": "all", "training": "training", "greedy": "greedy"}


@dataclass(frozen=True, slots=True)
class EpisodesQuery:
    """What the URL asks for. Raises HTTPException 422 for what there is not."""

    agent_type: str | None
    outcome: str
    kind: str
    before: datetime | None
    after: UUID | None
    """Key of the last episode of that moment that was shown."""

    @classmethod
    def read(cls, request: Request, names: Sequence[str]) -> "EpisodesQuery":
        parameters = request.query_params
        agent_type, after = parameters.get("agent_type"), parameters.get("after")
        wanted = cls(
            known_agent_type(agent_type, names) if agent_type else None,
            parameters.get("outcome", ""),
            parameters.get("kind", ""),
            _moment(parameters.get("before")),
            uuid_parameter(after, "trajectory's id") if after else None,
        )
        if wanted.outcome not in OUTCOMES or wanted.kind not in EPISODE_KINDS:
            raise HTTPException(422, "Episodes are failed or succeeded, training or greedy.")
        return wanted

    @property
    def values(self) -> dict[str, Any]:
        return {
            "agent_type": self.agent_type,
            "before": self.before,
            "after": self.after,
            "success": {"failed": False, "succeeded": True}.get(self.outcome),
            "is_greedy": {"training": False, "greedy": True}.get(self.kind),
        }

    @property
    def newest(self) -> str:
        """The URL of the newest of these episodes."""
        values = {"agent_type": self.agent_type, "outcome": self.outcome, "kind": self.kind}
        return f"?{urlencode({name: value for name, value in values.items() if value})}"

    def older_than(self, episode: Any) -> str:
        """The URL of what comes next."""
        place = {"before": episode["completed_at"].isoformat(), "after": episode["trajectory_id"]}
        return f"{self.newest}&{urlencode(place)}"


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise HTTPException(422, f"{cut(text, 60)} has no time zone.")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise HTTPException(422, f"{cut(text, 60)} is no moment.") from error


async def pick(sources: Sources, request: Request) -> dict[str, Any]:
    names = await sources.learning.names()
    wanted = EpisodesQuery.read(request, names)
    async with read_transaction(sources.engine) as connection:
        await keep_join_order(connection)
        result = await connection.execute(query("picker"), {**wanted.values, "size": PAGE_SIZE + 1})
        episodes = result.mappings().all()
    shown = episodes[:PAGE_SIZE]
    return {
        "episode": None,
        "wanted": wanted,
        "names": names,
        "episodes": shown,
        "older": wanted.older_than(shown[-1]) if len(episodes) > PAGE_SIZE else None,
        "headline": headline(wanted, shown),
        "OUTCOMES": OUTCOMES,
        "KINDS": EPISODE_KINDS,
    }


def headline(wanted: EpisodesQuery, shown: Sequence[Any]) -> str:
    """How many of them failed, and the newest of those."""
    whose = f" of {wanted.agent_type}" if wanted.agent_type else ""
    if not shown:
        return (
            f"No episode{whose} is as you want it."
            if wanted.outcome or wanted.kind
            else (f"No episode{whose} has been played yet.")
        )
    failed = [episode for episode in shown if not episode["success"]]
    count = f"{len(shown)} newest episodes" if len(shown) > 1 else "one episode"
    if not failed:
        return f"The {count}{whose} succeeded."
    who = "" if wanted.agent_type else f"{failed[0]['agent_type']} "
    last = f"the last of them {who}at {cut(failed[0]['task_id'], 40)}"
    if len(failed) == len(shown):
        return f"The {count}{whose} failed, {last}."
    return f"{len(failed)} of the {count}{whose} failed, {last}."
