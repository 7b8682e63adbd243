"""Deleting what has expired, in small bites."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from qlmodels.store import checks
from qlmodels.store.checks import Whole
from qlmodels.store.core import Core
from qlmodels.store.deadlines import within_time_limit

EXPIRING_TABLES = ("q_values", "trajectories", "rewards", "patterns", "sessions")

log = logging.getLogger(__name__)


class Retention(Core):
    @within_time_limit
    async def purge_expired(self, batch: Whole = 1000) -> dict[str, int]:
        """Delete this agent type's expired rows; how many went, by table.

        At most `batch` rows a transaction, and none that somebody is writing: nobody waits for
        long. Rewards and sessions expire by the agent type's retention_days, a session when all
        that it made has gone. Pairs expire when the agent type was not used for that long; they are
        kept first, as a version that the log names.

        No transaction begins after half of the store's patience: the rows that are left then are
        logged, and the next call deletes them.
        """
        most = checks.at_least(batch, 1, "batch")
        last_begin = asyncio.get_running_loop().time() + self.time_limit / 2
        return {table: await self._purge(table, most, last_begin) for table in EXPIRING_TABLES}

    async def _purge(self, table: str, batch: int, last_begin: float) -> int:
        """Return how many expired rows of the table were deleted before `last_begin`."""
        rows: list[Any] = []
        while asyncio.get_running_loop().time() < last_begin:
            deleted = await self._fetch("purge", table, batch)
            rows += deleted
            if sum(row["deleted"] for row in deleted) < batch:
                break
        else:
            sentence = "The purge of %s stopped after %g seconds: call it again for the rest."
            log.warning(sentence, table, self.time_limit / 2)
        return log_purge(table, rows)


def log_purge(table: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Log what went of a table, by agent type, and how pairs come back; how many went in all.

    `rows` are those of `qlmodels.purge`, of one transaction or many.
    """
    deleted: dict[tuple[str, int | None], int] = {}
    for row in rows:
        key = row["agent_type"], row["policy_version"]
        deleted[key] = deleted.get(key, 0) + int(row["deleted"])
    for (agent_type, version), count in deleted.items():
        if version is None:
            log.info("purged %s rows of %s of %s", count, table, agent_type)
        else:
            command = f"qlmodels policy restore {agent_type} {version}"
            log.info(
                "purged %s rows of %s of %s, kept as version %s; `%s` restores them",
                count,
                table,
                agent_type,
                version,
                command,
            )
    return sum(deleted.values())
