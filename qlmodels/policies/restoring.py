"""Making a Q-table what it was."""

from dataclasses import dataclass

import asyncpg

from qlmodels.policies.versions import keep, require_version, sql


@dataclass(frozen=True, slots=True)
class Restored:
    """Pairs whose values are others again, that came back, and that went.

    `before` is the version kept of what went, `after` that of what is there now; None in a preview.
    `stayed` are pairs that agents learned meanwhile.
    """

    version: int
    pairs: int
    changed: int
    returned: int
    removed: int
    stayed: int = 0
    before: int | None = None
    after: int | None = None


async def preview_restore(
    connection: asyncpg.Connection, agent_type: str, version: int
) -> Restored:
    """What `restore` would do now. Raises NoSuchVersion."""
    await require_version(connection, agent_type, version)
    row = await connection.fetchrow(_plan("restore_count"), agent_type, version, None)
    assert row is not None  # noqa: S101  # counts
    return Restored(version, row["pairs"], row["changed"], row["returned"], row["removed"])


async def restore(connection: asyncpg.Connection, agent_type: str, version: int) -> Restored:
    """Make the Q-table what `version` holds, and keep it as it was before.

    Pairs learned since are deleted, and stand in that version. Whoever updates a pair meanwhile
    waits, and then updates what was restored; a pair that is new meanwhile stays. Each pair's
    change is logged. Raises NoSuchVersion.
    """
    await require_version(connection, agent_type, version)
    await connection.execute(sql("lock_pairs"), agent_type)
    before = await keep(connection, agent_type, "restore", f"before version {version} was restored")
    row = await connection.fetchrow(_plan("restore_write"), agent_type, version, before)
    assert row is not None  # noqa: S101  # counts
    after = await keep(connection, agent_type, "restore", f"version {version}, restored")
    meant = row["changed"] + row["returned"] + row["removed"]
    return Restored(
        version,
        row["pairs"],
        row["changed"],
        row["returned"],
        row["removed"],
        meant - row["written"],
        before,
        after,
    )


def _plan(ending: str) -> str:
    return sql("restore_plan") + sql(ending)
