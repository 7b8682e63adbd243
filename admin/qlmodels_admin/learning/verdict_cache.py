"""The verdicts of the fleet, with the scan of the whole history cached beside requests."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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


LARGE_FLEET: Final = 300
"""Agent types or instances from which pages show statuses of a moment ago, and do not wait."""

STATUS_REST_FACTOR: Final = 4
"""Reading the statuses of a large fleet may take a fifth of the time."""

FIRST_STATUSES_WAIT_S: Final = 30.0
"""Seconds that pages wait for the first statuses of a large fleet."""


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
        self._agent_types = _LargeFleet(self.agent_types)
        self._instances = _LargeFleet(self.instances)
        self.all_agent_types = self._agent_types.read
        """`agent_types`; of a large fleet as it was a moment ago."""
        self.all_instances = self._instances.read
        """`instances`; of a large fleet as it was a moment ago."""

    async def stop(self) -> None:
        """End readings that are under way."""
        for cached in (self.scan, self._agent_types.cached, self._instances.cached):
            await cached.stop()

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


class _LargeFleet:
    """Statuses, read at each request while they are few, and beside requests once they are many."""

    def __init__(self, read: Callable[[], Awaitable[list[LearningStatus]]]) -> None:
        self._read = read
        self._is_large = False
        self.cached: Cached[list[LearningStatus]] = Cached(
            read,
            rest_factor=STATUS_REST_FACTOR,
            first_wait_s=FIRST_STATUSES_WAIT_S,
            stale_wait_s=0.0,
            raises_first=True,
        )

    async def read(self) -> list[LearningStatus]:
        if self._is_large and (kept := await self.cached.get()) is not None:
            found = kept
        else:
            found = await self._read()
        self._is_large = len(found) >= LARGE_FLEET
        return found
