"""Logical decoding as Realtime does it: a slot, the plugin pgoutput, and its messages read.

The format is the one of the chapter on logical replication messages, protocol version 1.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import asyncpg

Event = Literal["INSERT", "UPDATE", "DELETE"]
Row = dict[str, str | None]
EVENTS: dict[bytes, Event] = {b"I": "INSERT", b"U": "UPDATE", b"D": "DELETE"}


@dataclass(frozen=True)
class Change:
    """`old` holds the key alone, and only where it is gone or other than before."""

    table: str
    event: Event
    new: Row
    old: Row


@dataclass(frozen=True)
class Subscription:
    """What a client of supabase-js gives to `.on('postgres_changes', ...)`."""

    table: str
    event: Event | Literal["*"]
    filter: str | None = None
    schema: str = "public"

    def hears(self, change: Change) -> bool:
        """Realtime neither filters nor checks a DELETE."""
        if f"{self.schema}.{self.table}" != change.table or self.event not in ("*", change.event):
            return False
        if self.filter is None or change.event == "DELETE":
            return True
        column, _, value = self.filter.partition("=eq.")
        return change.new[column] == value


@dataclass
class Slot:
    connection: asyncpg.Connection
    name: str
    _relations: dict[int, tuple[str, list[str]]] = field(default_factory=dict)

    async def changes(self) -> list[Change]:
        """What was committed since the last time."""
        async with self.connection.transaction():  # commits before it are flushed, too
            await self.connection.execute(
                "set local synchronous_commit = on; select pg_logical_emit_message(true, '', '')"
            )
        rows = await self.connection.fetch(
            "select data from pg_logical_slot_get_binary_changes($1, null, null,"
            " 'proto_version', '1', 'publication_names', 'supabase_realtime')",
            self.name,
        )
        return [change for row in rows for change in self._read(Message(row["data"]))]

    def _read(self, message: "Message") -> Iterator[Change]:
        kind = message.take(1)
        if kind == b"R":
            number = message.integer(4)
            table = f"{message.text()}.{message.text()}"
            message.take(1)  # the replica identity
            self._relations[number] = table, [*message.columns()]
        elif kind in EVENTS:
            table, columns = self._relations[message.integer(4)]
            tuples = {b"N": Row(), b"K": Row(), b"O": Row()}
            while part := message.take(1):
                tuples[part] = dict(message.values(columns))
            key: Row = {name: value for name, value in tuples[b"K"].items() if value is not None}
            yield Change(table, EVENTS[kind], tuples[b"N"], tuples[b"O"] or key)


class Message:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        self._at += length
        return taken

    def integer(self, length: int) -> int:
        return int.from_bytes(self.take(length), "big", signed=True)

    def text(self) -> str:
        return self.take(self._data.index(0, self._at) - self._at + 1)[:-1].decode()

    def columns(self) -> Iterator[str]:
        for _ in range(self.integer(2)):
            self.take(1)  # whether it is of the key
            yield self.text()
            self.take(8)  # type and its modifier

    def values(self, columns: list[str]) -> Iterator[tuple[str, str | None]]:
        for column in columns[: self.integer(2)]:
            match self.take(1):
                case b"t":
                    yield column, self.take(self.integer(4)).decode()
                case b"n":
                    yield column, None
                case kind:
                    assert kind == b"u", "a value stored apart that did not change is not sent"


@asynccontextmanager
async def slot(superuser: asyncpg.Connection, name: str) -> AsyncIterator[Slot]:
    await superuser.execute("select pg_create_logical_replication_slot($1, 'pgoutput')", name)
    try:
        yield Slot(superuser, name)
    finally:
        await superuser.execute("select pg_drop_replication_slot($1)", name)
