"""Merging the Q-tables of an archive into those that the database has."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg
from sqlalchemy import URL

from qlmodels import policies
from qlmodels.archive.errors import told_when_lost
from qlmodels.archive.importing import checked_archive, insert_rows
from qlmodels.archive.layout import Layout, sql
from qlmodels.archive.manifest import Manifest
from qlmodels.connection import connect
from qlmodels.files import Progress, SilentProgress
from qlmodels.policies import Merged, MergeRule

ARCHIVED = {"agent_types": "archived_agent_types", "q_values": "archived_pairs"}
"""Temporary tables that hold what is read of the archive."""


async def merge_archive(
    owner: URL,
    folder: Path,
    rule: MergeRule,
    *,
    agents: Sequence[str] | None = None,
    watch: Progress | None = None,
) -> dict[str, Merged]:
    """Merge the Q-tables of an archive, of `agents` or of all in it, in one transaction.

    `owner` is the URL of the migrating login. Each goes into the agent type of the same name, as
    `qlmodels.policies.merge` does it; what that was before is kept as a version. No other rows of
    the archive are written. Returns what became of each agent type.

    Raises UnknownAgentType for one that the database does not have, NotMergeable, and what
    `import_archive` raises; then nothing has changed.
    """
    watch = watch or SilentProgress()
    page, chosen, tables = await checked_archive(owner, folder, agents, watch)
    with told_when_lost("All of the archive is merged or nothing of it: merge it again."):
        async with connect(owner) as connection, connection.transaction():
            await connection.execute("set local row_security = on")
            await _read(connection, folder, page, tables, chosen, watch)
            rows = await connection.fetch(
                "select agent_type, environment from pg_temp.archived_agent_types"
            )
            environments = {row["agent_type"]: row["environment"] for row in rows}
            return {
                agent: await policies.merge_archived(
                    connection, agent, environments[agent], rule, f"{agent} of {folder}"
                )
                for agent in chosen
            }


async def _read(
    connection: asyncpg.Connection,
    folder: Path,
    page: Manifest,
    tables: Sequence[Layout],
    agents: list[str],
    watch: Progress,
) -> None:
    for layout in tables:
        if layout.name in ARCHIVED:
            name = ARCHIVED[layout.name]
            await connection.execute(sql("archived_table").format(name=name, table=layout.quoted))
            on_rows = watch.part(layout.name, sum(page.tables[layout.name].rows.values()))
            await insert_rows(
                connection, folder, page, layout, agents, on_rows, into=f"pg_temp.{name}"
            )
