"""How long operations took, and when."""

import time
from array import array
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from qlmodels.errors import QLModelsError
from qlmodels.store import OutcomeUnknown

T = TypeVar("T")


@dataclass(slots=True)
class Timing:
    """Latencies of one kind of operation, in milliseconds, in the order in which they ended."""

    latencies: "array[float]" = field(default_factory=lambda: array("d"))

    def percentile(self, share: float) -> float:
        """The least latency that `share` of all operations did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclass(slots=True)
class Timings:
    """All operations of a load test; `seconds` counts those that ended in each second of it."""

    began: float = field(default_factory=time.monotonic)
    operations: dict[str, Timing] = field(default_factory=dict)
    seconds: Counter[int] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    """Writes that may or may not have been made, since the connection broke."""

    async def take(self, name: str, operation: Awaitable[T]) -> T | None:
        """Await and time; None when it failed, which is counted by kind."""
        start = time.perf_counter()
        try:
            result = await operation
        except QLModelsError as error:
            self.errors[type(error).__name__] += 1
            self.unknown += isinstance(error, OutcomeUnknown)
            return None
        timing = self.operations.setdefault(name, Timing())
        timing.latencies.append(1000 * (time.perf_counter() - start))
        self.seconds[int(time.monotonic() - self.began)] += 1
        return result
