"""Slow down whoever guesses passwords."""

from collections import OrderedDict, deque
from collections.abc import Callable
from time import monotonic


class Throttle:
    """Counts failures by key; a key with `limit` of them within `window` seconds must wait.

    Only the `capacity` keys that failed last are remembered, so that guessing under many names
    cannot fill the memory.
    """

    def __init__(
        self,
        limit: int,
        window: float,
        *,
        capacity: int = 10_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._limit = limit
        self._window = window
        self._capacity = capacity
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Seconds until `key` may try again; 0 if at once."""
        failures = self._failures.get(key)
        if failures is None or len(failures) < self._limit:
            return 0.0
        return max(0.0, failures[0] + self._window - self._clock())

    def failed(self, key: str) -> None:
        failures = self._failures.setdefault(key, deque(maxlen=self._limit))
        failures.append(self._clock())
        self._failures.move_to_end(key)
        if len(self._failures) > self._capacity:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
