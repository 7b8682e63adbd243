"""A service of the release before: learns until its input ends, and then says how it went.

Run by an interpreter whose path begins with that release, as AGENT_TYPE at AGENT_URL. It writes
"ready" when every operation was done once, and a line of JSON at the end.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg

import qlmodels
from qlmodels.connection import connect, create_pool
from qlmodels.store import Episode, LearningStore, Pair

EVERYTHING = (
    "select * from agent_types",
    "select * from q_values where state_hash = '7'",
    "select * from sessions",
    "select * from trajectories limit 10",
)

Operation = Callable[[int], Awaitable[Any]]


class Service:
    """What agents do, each operation in turn, over an open pool and prepared statements."""

    def __init__(self, store: LearningStore, connection: asyncpg.Connection) -> None:
        self.store, self.connection = store, connection
        self.longest, self.done, self.errors = 0.0, 0, list[str]()
        self.prepared: Any = None

    async def run(self, until: asyncio.Event) -> None:
        self.prepared = [
            await self.connection.prepare(statement)
            for statement in (
                "select learn($1, $2, '1', 'a', '1', 1.0, $2, array['a'])",
                "select upsert_q_value($1, $2, '1', 'a', '1', 1.0)",
                "select * from get_best_action($1, $2)",
            )
        ]
        await self.store.start_session()
        for number in itertools.count():
            for operation in self.operations():
                await self.timed(operation, number)
            if number == 0:
                tell("ready")
            if until.is_set():
                await self.store.finish_session()
                return

    def operations(self) -> list[Operation]:
        return [
            self.learn,
            self.choose,
            self.upsert,
            self.record,
            self.pattern,
            self.lives,
            self.raw,
        ]

    async def timed(self, operation: Operation, number: int) -> None:
        began = time.perf_counter()
        try:
            await operation(number)
        except Exception as error:  # all of them are reported
            self.errors.append(f"{operation.__name__}: {type(error).__name__}: {error}")
        self.longest = max(self.longest, time.perf_counter() - began)
        self.done += 1

    async def learn(self, number: int) -> None:
        state, after = f"s{number % 50}", f"s{(number + 1) % 50}"
        await self.store.learn(state, "a", 1.0, after, next_actions=["a", "b"])

    async def choose(self, number: int) -> None:
        await self.store.select_action(f"s{number % 50}", ["a", "b"])
        await self.store.best_action(f"s{number % 50}")

    async def upsert(self, number: int) -> None:
        await self.store.upsert(f"s{number % 50}", "b", 0.5)
        await self.store.upsert_many([Pair(f"m{number % 50}", n, 1.0) for n in range(5)])

    async def record(self, number: int) -> None:
        now = datetime.now(UTC)
        await self.store.record(
            Episode(
                task_id=f"t{number}",
                states=["s", "t"],
                actions=["a"],
                rewards=[1.0],
                success=True,
                terminated=True,
                started_at=now,
                completed_at=now,
            ),
            rewards=True,
        )

    async def pattern(self, number: int) -> None:
        await self.store.remember_pattern(f"p{number % 5}", {"n": 1}, pattern_type="t")
        await self.store.match_patterns({"n": 1})

    async def lives(self, number: int) -> None:
        await self.store.heartbeat()
        if number % 10 == 9:
            await self.store.finish_session()
            await self.store.start_session()
        if number % 20 == 19:
            await self.store.purge_expired()

    async def raw(self, number: int) -> None:
        # any new column ends a statement with * that is prepared by hand; asyncpg renews its own
        for statement in EVERYTHING:
            await self.connection.fetch(statement)
        for call in self.prepared:
            await call.fetch(self.store.agent_type, f"s{number % 50}")


async def main(url: str, agent_type: str) -> None:
    assert qlmodels.__file__ is not None
    until = asyncio.Event()
    reading = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    reading.add_done_callback(lambda _: until.set())
    async with (
        create_pool(url, max_size=2) as pool,
        connect(url) as connection,
        connect(url) as idle,
    ):
        service = Service(LearningStore(pool, agent_type, instance=f"{agent_type}-0"), connection)
        _, stall = await asyncio.gather(service.run(until), longest_stall(idle, until))
    report = {"longest": service.longest, "done": service.done, "errors": service.errors[:20]}
    tell(json.dumps(report | {"longest_stall": stall, "library": qlmodels.__file__}))


async def longest_stall(connection: asyncpg.Connection, until: asyncio.Event) -> float:
    """Seconds that the machine needs at most for a statement that no lock can hold up."""
    longest = 0.0
    while not until.is_set():
        began = time.perf_counter()
        await connection.fetchval("select 1")
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return longest


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


asyncio.run(main(os.environ["AGENT_URL"], os.environ["AGENT_TYPE"]))
