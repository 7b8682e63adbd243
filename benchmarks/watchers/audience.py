"""Browsers at the Fleet's page: server-sent events, asked for again as EventSource does."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

import httpx

from benchmarks.watchers.beside import beside

STREAM: Final = "/admin/fleet/stream"

RETRY: Final = 1.0
"""Seconds that the stream tells a browser to wait before it asks again."""

REFUSED: Final = 2.0
"""Seconds that static/fleet.js waits after an answer that is no stream."""

TIMEOUT: Final = httpx.Timeout(10.0, read=60.0)

Seen = dict[str, datetime]
"""When each instance was active last, by the key of its row."""


@dataclass(slots=True)
class Watcher:
    """What one page shows, which is never loaded again."""

    client: httpx.AsyncClient
    seen: Seen = field(default_factory=dict)
    mode: str = ""
    events: int = 0
    connections: int = 0
    refusals: int = 0
    lags: list[float] = field(default_factory=list)
    """Seconds from an instance's activity to the event that told of it."""

    _drops: bool = False

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            wait = RETRY
            try:
                async with self.client.stream("GET", STREAM) as answer:
                    if answer.headers.get("content-type", "").startswith("text/event-stream"):
                        self.connections += 1
                        await self._read(answer)
                    else:
                        self.refusals += 1
                        wait = REFUSED
            except httpx.TransportError:
                self.refusals += 1
            await asyncio.sleep(wait)

    def drop(self) -> None:
        """Lose the connection with the next event, as a laptop does that is closed."""
        self._drops = True

    def is_behind(self, truth: Seen) -> bool:
        return any(key not in self.seen or self.seen[key] < at for key, at in truth.items())

    async def _read(self, answer: httpx.Response) -> None:
        self._drops = False
        rest, is_first = b"", True
        async for chunk in answer.aiter_bytes():
            *events, rest = (rest + chunk).split(b"\n\n")
            for event in events:
                if event.startswith(b"data: "):
                    self._show(_parsed(event), is_first=is_first)
                    is_first = False
            if self._drops:
                return

    def _show(self, news: "News", *, is_first: bool) -> None:
        self.events += 1
        now = datetime.now(UTC)
        self.mode = news.mode or self.mode
        for key, at in news.seen.items():
            known = self.seen.get(key)
            if not is_first and known is not None and at > known:
                self.lags.append((now - at).total_seconds())
            self.seen[key] = at
        if news.order is not None:
            self.seen = {key: at for key, at in self.seen.items() if key in news.order}


@dataclass(frozen=True, slots=True)
class News:
    seen: Seen
    mode: str | None
    order: frozenset[str] | None


@lru_cache(maxsize=64)
def _parsed(event: bytes) -> News:
    """Once for all who are told it."""
    content: dict[str, Any] = json.loads(event.removeprefix(b"data: "))
    found = {key: _MOMENT.search(html) for key, html in content["rows"].items()}
    seen = {key: datetime.fromisoformat(at[1]) for key, at in found.items() if at}
    order = content.get("order")
    return News(seen, content.get("mode"), None if order is None else frozenset(order))


_MOMENT = re.compile(r'<td class="moment">\s*<time datetime="([^"]+)"')


@asynccontextmanager
async def watching(base: str, cookies: dict[str, str], number: int) -> AsyncIterator[list[Watcher]]:
    """So many watchers, signed in and at their pages."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        base_url=base, cookies=cookies, timeout=TIMEOUT, limits=limits
    ) as client:
        watchers = [Watcher(client) for _ in range(number)]
        async with beside(watcher.watch() for watcher in watchers):
            yield watchers
