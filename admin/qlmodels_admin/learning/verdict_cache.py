"""The verdicts of the fleet, with the scan of the whole history cached beside requests."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import read_transaction
from qlmodels.verdicts import (
    Instance,
    LearningStatus,
    agent_type_names,
    read_statuses,
    scan_history,
)
from qlmodels_admin.db import Cached

SCAN_REST_FACTOR: Final = 20
"""A scan of the whole history, which rests half of its time, may take a twentieth of the time."""

QUICK_SCAN_S: Final = 0.05
"""Seconds that a scan may take for pages to wait for it; a longer one runs beside them."""

SCAN_WAIT_S: Final = 1.0
"""Seconds that pages wait for the first scan, or for a quick one; then they go without."""


class CachedVerdicts:
    """Reads states; keeps what only the whole history tells for as long as is cheap."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.scan: Cached[Sequence[Mapping[str, Any]]] = Cached(
            partial(scan_history, engine),
            rest_factor=SCAN_REST_FACTOR,
            first_wait_s=SCAN_WAIT_S,
            stale_wait_s=SCAN_WAIT_S,
            quick_s=QUICK_SCAN_S,
            raises_first=True,
        )

    async def names(self) -> list[str]:
        """Return the names of all agent types."""
        async with read_transaction(self.engine) as connection:
            return await agent_type_names(connection)

    async def agent_types(self, *only: str) -> list[LearningStatus]:
        """Return all of them or these, those that need attention first."""
        return await self._read(by_instance=False, only=[(name, None) for name in only])

    async def instances(self, *only: Instance) -> list[LearningStatus]:
        """Return all of them or these, those that need attention first."""
        return await self._read(by_instance=True, only=only)

    async def _read(
        self, *, by_instance: bool, only: Sequence[tuple[Any, ...]]
    ) -> list[LearningStatus]:
        measures = await self.scan.get() or []
        async with read_transaction(self.engine) as connection:
            return await read_statuses(connection, measures, by_instance=by_instance, only=only)
