"""The verdicts of the fleet, with the scan of the whole history cached beside requests."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import read_transaction
from qlmodels.verdicts import Instance, LearningStatus, read_statuses, scan_history
from qlmodels_admin.db import statements_of

query = statements_of(__package__)

logger = logging.getLogger(__name__)

SCAN_REST_FACTOR: Final = 20
"""A scan of the whole history, which rests half of its time, may take a twentieth of the time."""

SCAN_WAIT_S: Final = 0.05
"""Seconds that a scan may take for pages to wait for it; a longer one runs beside them."""

FIRST_SCAN_WAIT_S: Final = 1.0
"""Seconds that the first pages wait for the first scan; then they go without."""


class CachedVerdicts:
    """Reads states; keeps what only the whole history tells for as long as is cheap."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._measures: Sequence[Mapping[str, Any]] = []
        self._taken_at = float("-inf")
        self._took = 0.0
        self._began = 0.0
        self._scan: asyncio.Task[None] | None = None

    async def names(self) -> list[str]:
        """Of all agent types."""
        async with read_transaction(self.engine) as connection:
            return list((await connection.execute(query("agent_type_names"))).scalars())

    async def agent_types(self, *only: str) -> list[LearningStatus]:
        """All of them or these, those that need attention first."""
        return await self._read(by_instance=False, only=[(name, None) for name in only])

    async def instances(self, *only: Instance) -> list[LearningStatus]:
        """All of them or these, those that need attention first."""
        return await self._read(by_instance=True, only=only)

    @property
    def measured_ago(self) -> float:
        """Seconds since the pairs were counted."""
        return time.monotonic() - self._taken_at

    async def _read(
        self, *, by_instance: bool, only: Sequence[tuple[Any, ...]]
    ) -> list[LearningStatus]:
        await self._measure()
        async with read_transaction(self.engine) as connection:
            return await read_statuses(
                connection, self._measures, by_instance=by_instance, only=only
            )

    async def _measure(self) -> None:
        """Renew the measures if they are old; wait for that if it is quick, or there are none."""
        if self.measured_ago > SCAN_REST_FACTOR * self._took and self._scan is None:
            self._began = time.monotonic()
            self._scan = asyncio.create_task(self._take())
        scan = self._scan
        if scan is not None and (self._took < SCAN_WAIT_S or not self._measures):
            patience = FIRST_SCAN_WAIT_S - (time.monotonic() - self._began)
            await asyncio.wait([scan], timeout=max(patience, 0))
            if scan.done():
                scan.result()

    async def _take(self) -> None:
        try:
            measures = await scan_history(self.engine)
        except (OSError, DBAPIError):
            if not self._measures:
                raise
            logger.warning("The pairs were not measured; the former figures stay.", exc_info=True)
            return
        finally:
            self._scan = None
        self._measures = measures
        self._taken_at = time.monotonic()
        self._took = self._taken_at - self._began

    def forget(self) -> None:
        """Measure anew at the next look: somebody changed the pairs."""
        self._taken_at = float("-inf")

    async def stop(self) -> None:
        """End a scan that is under way."""
        if self._scan is not None:
            self._scan.cancel()
            await asyncio.wait([self._scan])
