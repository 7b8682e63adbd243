"""Deleting what has expired, in small bites."""

from qlmodels.store import checks
from qlmodels.store.core import Core

TABLES = ("q_values", "trajectories", "rewards", "patterns", "sessions")


class Retention(Core):
    async def purge_expired(self, batch: int = 1000) -> dict[str, int]:
        """Delete this agent type's expired rows; how many went, by table.

        At most `batch` rows a transaction, and none that somebody is writing: nobody waits for
        long. Rewards and sessions expire by the agent type's retention_days, a session when all
        that it made has gone.
        """
        checks.at_least(batch, 1, "batch")
        return {table: await self._purge(table, batch) for table in TABLES}

    async def _purge(self, table: str, batch: int) -> int:
        deleted = 0
        while True:
            now = int((await self._fetch_only("purge_expired", table, batch))["deleted"])
            deleted += now
            if now < batch:
                return deleted
