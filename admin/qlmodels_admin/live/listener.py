"""Changes of instances as they come: one connection listens for everybody who watches.

The database announces an instance at most once a second (`announce_instance.sql`), and it is read
at most as often, once more a second after it was heard of. Where nothing can be heard, behind a
transaction pooler or when the connection is lost, an index is asked every other second, and who
watches is told so.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
from asyncpg.exceptions import ConnectionDoesNotExistError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import connect, pooler_of, read_transaction
from qlmodels.verdicts import Instance
from qlmodels_admin.db import DATABASE_FAILURES, statements_of

query = statements_of(__package__)

logger = logging.getLogger(__name__)

LISTEN_INTERVAL_S: Final = 1.0
"""Seconds between two readings of one instance."""

POLL_INTERVAL_S: Final = 2.0
"""Seconds between two looks at the index, where nothing is heard."""

FULL_READ_INTERVAL_S: Final = 30.0
"""Seconds after which all instances are read: silence is news too."""

OVERLAP: Final = timedelta(seconds=10)
"""By which a poll looks back further: a transaction may end later than one that began after it."""

LISTENING: Final = "live"
BEHIND_A_POOLER: Final = "polling every 2 s: behind a transaction pooler nothing can be heard"
LOST: Final = "polling every 2 s: the listening connection was lost"
SILENT: Final = "the database does not answer; trying again"

Changed = Callable[[set[Instance] | None], Awaitable[None]]
"""Told which instances there is news of, or None for all."""

_WATCH = (
    "insert into qlmodels_admin.watchers (channel, expires_at) "
    "values ($1, now() + interval '1 minute') "
    "on conflict (channel) do update set expires_at = excluded.expires_at"
)
_FORGET = "delete from qlmodels_admin.watchers where channel = $1 or expires_at < now()"


class Listener:
    """Runs while somebody watches; calls `changed`, one call at a time."""

    def __init__(self, engine: AsyncEngine, changed: Changed) -> None:
        self.mode: str = LISTENING
        self._engine = engine
        self._changed = changed
        self._heard = asyncio.Event()
        self._due: set[Instance] = set()
        self._task: asyncio.Task[None] | None = None
        self._watchers = 0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        self._watchers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(_tell_of_failure)
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                await self.stop()

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        """For ever: listen; where that fails, poll until it may succeed again."""
        if pooler_of(self._engine.url) == "transaction":
            while True:
                await self._poll(BEHIND_A_POOLER, seconds=FULL_READ_INTERVAL_S)
        while True:
            try:
                await self._listen()
            except* DATABASE_FAILURES as lost:
                logger.warning("Changes of instances are not heard of now: %s", lost.exceptions[0])
            await self._poll(LOST, seconds=2 * POLL_INTERVAL_S)

    async def _listen(self) -> None:
        """Until the connection is lost."""
        channel = f"qlmodels_{secrets.token_hex(16)}"
        async with connect(self._engine.url) as connection:
            await connection.execute(_WATCH, channel)
            await connection.add_listener(channel, self._hear)
            connection.add_termination_listener(lambda _: self._heard.set())
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._keep(connection, channel))
                    group.create_task(self._read_what_is_heard(connection))
            finally:
                with suppress(*DATABASE_FAILURES):
                    await connection.execute(_FORGET, channel)

    def _hear(self, _: Any, __: int, ___: str, payload: str) -> None:
        agent_type, instance = json.loads(payload)
        self._due.add((agent_type, instance))
        self._heard.set()

    async def _keep(self, connection: asyncpg.Connection, channel: str) -> None:
        """Say again that somebody listens, which also tells whether the connection lives."""
        while True:
            await asyncio.sleep(FULL_READ_INTERVAL_S / 2)
            await connection.execute(_WATCH, channel, timeout=POLL_INTERVAL_S * 5)

    async def _read_what_is_heard(self, connection: asyncpg.Connection) -> None:
        self.mode = LISTENING
        await self._changed(None)
        await asyncio.sleep(
            LISTEN_INTERVAL_S
        )  # an instance that was announced before may not be again until now
        await self._changed(None)
        last_of_all = asyncio.get_running_loop().time()
        again: set[Instance] = set()
        while True:
            if not again:
                left = last_of_all + FULL_READ_INTERVAL_S - asyncio.get_running_loop().time()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._heard.wait(), max(left, 0))
            self._heard.clear()
            if connection.is_closed():
                raise ConnectionDoesNotExistError("the listening connection was closed")
            heard, self._due = self._due, set()
            if asyncio.get_running_loop().time() - last_of_all >= FULL_READ_INTERVAL_S:
                last_of_all = asyncio.get_running_loop().time()
                await self._changed(None)
            elif heard or again:
                await self._changed(heard | again)
            again = heard
            await asyncio.sleep(LISTEN_INTERVAL_S)

    async def _poll(self, why: str, seconds: float) -> None:
        """Ask the index for `seconds`, after reading all."""
        until = asyncio.get_running_loop().time() + seconds
        since: datetime | None = None
        while asyncio.get_running_loop().time() < until:
            try:
                clock, changed = await self._lately(since)
                self.mode = why
                await self._changed(changed if since else None)
                since = clock
            except DATABASE_FAILURES:
                self.mode = SILENT
                with suppress(*DATABASE_FAILURES):
                    await self._changed(set())
            await asyncio.sleep(POLL_INTERVAL_S)

    async def _lately(self, since: datetime | None) -> tuple[datetime, set[Instance]]:
        async with read_transaction(self._engine) as connection:
            clock = (await connection.execute(text("select now()"))).scalar_one()
            if since is None:
                return clock, set()
            rows = await connection.execute(query("changed_instances"), {"since": since - OVERLAP})
            return clock, {(row.agent_type, row.agent_instance_id) for row in rows}


def _tell_of_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("Nobody watches the instances any more.", exc_info=error)
