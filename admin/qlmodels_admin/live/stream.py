"""What browsers see of the instances while a page is open: server-sent events, one read for all."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, Template
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.demo import AGENT_TYPES
from qlmodels.formatting import format_number
from qlmodels.verdicts import Instance, LearningStatus
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live.listener import Listener
from qlmodels_admin.live.server_stop import wait_for_stop
from qlmodels_admin.values import relative_moment, sparkline
from qlmodels_admin.web import TEMPLATES

STREAM_TTL_S: Final = 300.0
"""Seconds after which a browser has to ask again, and is asked who it is."""

KEEPALIVE_S: Final = 15.0
"""Seconds after which a line without news keeps proxies from closing the stream."""

MAX_LIVE_ROWS: Final = 50
"""Instances that are followed, those that need attention first; the page has others on pages."""

MAX_QUEUED_EVENTS: Final = 50
"""News that a slow browser may be behind, before it is told all anew."""

DEMO_ENDED: Final = "The demo has ended; its rows stay until qlmodels demo --remove."


class LiveFleet:
    """What is known of the instances, and everybody who is told when it changes."""

    def __init__(self, engine: AsyncEngine, learning: CachedVerdicts) -> None:
        self.watch = Listener(engine, self._changed)
        self._learning = learning
        self._rows: dict[str, str] = {}
        self._states: dict[Instance, LearningStatus] = {}
        self._said: dict[str, Any] = {}
        self._audience: set[asyncio.Queue[bytes | None]] = set()
        self._stopping: asyncio.Task[None] | None = None

    async def stream(self) -> AsyncIterator[bytes]:
        """Yield server-sent events: all instances, then changes, until STREAM_TTL_S or `close`."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED_EVENTS)
        loop = asyncio.get_running_loop()
        until = loop.time() + STREAM_TTL_S
        async with self.watch.watching():
            self._audience.add(queue)
            if self._stopping is None:
                self._stopping = asyncio.create_task(self._close_with_server())
            try:
                yield b"retry: 1000\n\n"
                if self._said:
                    yield self._whole()
                while (left := until - loop.time()) > 0:
                    try:
                        news = await asyncio.wait_for(queue.get(), min(left, KEEPALIVE_S))
                    except TimeoutError:
                        yield b": still here\n\n"
                        continue
                    if news is None:
                        return
                    yield news
            finally:
                self._audience.discard(queue)
                if not self._audience:  # what is known grows old, and nobody listens any more
                    self._rows, self._said = {}, {}
                    self._stopping.cancel()
                    self._stopping = None

    async def _close_with_server(self) -> None:
        await wait_for_stop()
        self.close()

    def close(self) -> None:
        """End all streams."""
        for queue in self._audience:
            _put_instead(queue, None)

    async def _changed(self, instances: set[Instance] | None) -> None:
        """Read these instances, or all, and tell what is different."""
        if instances is None:
            self._states = keyed(await self._learning.instances())
        elif instances:
            # a session that names no instance is news of its agent type's
            named = {instance for instance in instances if instance[1] is not None}
            types = {kind for kind, name in instances if name is None}
            wanted = named | {instance for instance in self._states if instance[0] in types}
            fresh = keyed(await self._learning.instances(*wanted)) if wanted else {}
            kept = {key: state for key, state in self._states.items() if key not in wanted}
            self._states = kept | fresh
        states = sorted(self._states.values(), key=lambda state: state.sort_key)
        rows = {key_of(state): row(state) for state in states[:MAX_LIVE_ROWS]}
        said = {"headline": headline(states), "mode": self.watch.mode, "order": list(rows)}
        news = {name: value for name, value in said.items() if self._said.get(name) != value}
        changed = {key: html for key, html in rows.items() if self._rows.get(key) != html}
        self._rows, self._said = rows, said
        if news or changed:
            self._tell(_event({**news, "rows": changed}))

    def _whole(self) -> bytes:
        return _event({**self._said, "rows": self._rows})

    def _tell(self, news: bytes) -> None:
        for queue in self._audience:
            if queue.full():
                _put_instead(queue, self._whole())
            else:
                queue.put_nowait(news)


def _put_instead(queue: asyncio.Queue[bytes | None], news: bytes | None) -> None:
    """`news` in place of all that was waiting."""
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(news)


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n".encode()


def keyed(states: Iterable[LearningStatus]) -> dict[Instance, LearningStatus]:
    return {(state.agent_type, state.instance): state for state in states}


def key_of(state: LearningStatus) -> str:
    return f"{state.agent_type}/{state.instance}"


def headline(states: list[LearningStatus]) -> str:
    """Say how many instances are at work, and which need attention."""
    if not states:
        return "No instance has reported yet."
    count = f"{len(states)} instance{'s' * (len(states) != 1)}"
    at_work = sum(state.status in {"active", "learning"} and not state.lost for state in states)
    needy = [state for state in states if state.needs_attention]
    begin = f"{at_work} of {count} {'is' if at_work == 1 else 'are'} at work"
    end = f" {DEMO_ENDED}" if has_demo_ended(states) else ""
    if not needy:
        return f"{begin}; none needs attention.{end}"
    verb = "needs" if len(needy) == 1 else "need"
    return f"{begin}; {len(needy)} {verb} attention, first {needy[0].name}: {needy[0].label}.{end}"


def has_demo_ended(states: Iterable[LearningStatus]) -> bool:
    """Return whether instances of the demo have run, and each has said that it is done."""
    demo = [state.status for state in states if state.agent_type in AGENT_TYPES]
    return bool(demo) and all(status == "idle" for status in demo)


def row(state: LearningStatus) -> str:
    return _row_template().render(state=state, key=key_of(state))


@cache
def _row_template() -> Template:
    """Rendered for all who watch alike, so its links are relative to the page."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    environment.globals.update(moment=relative_moment, number=format_number, spark=sparkline)
    return environment.get_template("live/_instance.html")
