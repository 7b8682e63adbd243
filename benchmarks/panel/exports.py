"""A whole table as a file: how soon, how fast, at what price for the memory and for others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from benchmarks.databases import Databases
from benchmarks.panel.results import Row
from benchmarks.panel.sides import Server, Sides
from qlmodels.connection import connect

EXPORTED = 50_000
"""Rows for sqladmin, which needs 150 s and 4.4 GB for a million."""


@dataclass(slots=True)
class Run:
    first: float = 0
    seconds: float = 0
    size: int = 0
    memory: float = 0
    others: list[float] = field(default_factory=list)
    """Seconds that another page needed meanwhile."""


async def export_both(
    sides: Sides, served: Databases, database: str, pairs: int, exported: int
) -> list[Row]:
    copied = await _copy(served, database)
    theirs = await _export(sides.servers["sqladmin"], "/admin/q-value/export/csv", "/admin/")
    ours = await _export(sides.servers["ours"], "/admin/q_values/export/csv", "/healthz")
    lines = await _export(sides.servers["ours"], "/admin/q_values/export/json", "/healthz")
    few = f" ({min(exported, pairs) or pairs:,} rows by sqladmin)"
    return [
        Row("plain COPY to this process", None, copied),
        Row(f"CSV export{few}", theirs.seconds, ours.seconds, 2 * copied),
        Row("first byte", theirs.first, ours.first, 0.5),
        Row("memory above idle", theirs.memory, ours.memory, 60, unit="MB"),
        Row("slowest other answer meanwhile", max(theirs.others), max(ours.others), 0.1),
        Row("JSON Lines export", None, lines.seconds, None),
        Row("memory above idle, JSON Lines", None, lines.memory, 60, unit="MB"),
    ]


async def _copy(served: Databases, database: str) -> float:
    async with connect(served.panel(database)) as panel:

        async def drop(data: bytes) -> None:
            pass

        begin = time.perf_counter()
        await panel.copy_from_query("select * from q_values", output=drop, format="csv")
        return time.perf_counter() - begin


async def _export(server: Server, url: str, other: str) -> Run:
    run = Run()
    idle = server.memory()
    server.forget_peak()
    async with _others(server, other, run):
        begin = time.perf_counter()
        async with server.client.stream("GET", url) as response:
            response.raise_for_status()
            async for piece in response.aiter_raw():
                if not run.size:
                    run.first = time.perf_counter() - begin
                run.size += len(piece)
        run.seconds = time.perf_counter() - begin
    run.memory = server.memory(peak=True) - idle
    return run


@asynccontextmanager
async def _others(server: Server, url: str, run: Run) -> AsyncIterator[None]:
    async def ask() -> None:
        while True:
            begin = time.perf_counter()
            await server.client.get(url)
            run.others.append(time.perf_counter() - begin)
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(ask())
    try:
        yield
        await asyncio.sleep(0.2)
    finally:
        asking.cancel()
