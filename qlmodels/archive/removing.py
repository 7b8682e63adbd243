"""Deleting what an archive holds of agent types: their rows, and the agent types themselves."""

from collections.abc import Sequence

import asyncpg

from qlmodels.archive.layout import layouts, sql


async def lock_agent_types(connection: asyncpg.Connection, agents: Sequence[str]) -> list[str]:
    """Make writers of new rows of these agent types wait; return those that exist."""
    rows = await connection.fetch(sql("lock_agent_types"), list(agents))
    return [row["agent_type"] for row in rows]


async def delete_agent_types(
    connection: asyncpg.Connection, agents: Sequence[str]
) -> dict[str, int]:
    """Delete the rows of agent types and then these; return the numbers of rows, by table."""
    deleted = {}
    for layout in reversed(layouts()):
        status = await connection.execute(
            sql("delete_rows").format(table=layout.quoted), list(agents)
        )
        deleted[layout.name] = int(status.split()[-1])
    return {table: rows for table, rows in deleted.items() if rows}
