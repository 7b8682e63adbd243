"""What agents pay for people: the audit log's triggers, and pages that are looked at meanwhile."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from benchmarks import ours
from benchmarks.bench import OURS, Bench
from benchmarks.clients import Crew, Measurement
from benchmarks.interleave import take_turns
from benchmarks.results import Goal, Row
from benchmarks.world import World
from qlmodels.connection import connect

PAIRS = 10_000
PAGES = (
    "select * from q_values order by agent_type, q_value_id desc limit 50",
    "select * from agent_states order by last_activity desc limit 50",
    "select * from agent_performance_summary",
)
"""What the panel asks for a list, the fleet and the summary; each is open once."""

EVERY = 1.0
"""Seconds between two questions of one page."""


async def audit(bench: Bench) -> list[Row]:
    """The triggers are off on the other side, and nobody looks."""
    world = World(min(PAIRS, bench.world.pairs), PAIRS)
    for name in ("audited", "unaudited"):
        await bench.databases.make_ours(name, world)
    await bench.fetch("unaudited", "alter table q_values disable trigger user")
    with (
        bench.fleet.crew(ours.upsert, bench.databases.seats(OURS, "audited", world)) as audited,
        bench.fleet.crew(ours.upsert, bench.databases.seats(OURS, "unaudited", world)) as alone,
    ):
        watched = Watched(audited, bench.databases.panel("audited"))
        rounds = take_turns({"watched": watched, "alone": alone}, bench.plan)
    written = await bench.fetch_value(
        "audited", "select count(*) from qlmodels_private.audit_log where table_name = 'q_values'"
    )
    await bench.databases.drop("audited", "unaudited")
    return [
        Row(
            f"upsert with {len(PAGES)} pages open and the audit on, against without",
            rounds.ratios("watched", "alone"),
            Goal(at_least=0.98),
            detail=f"{rounds.rate('alone'):,.0f}/s -> {rounds.rate('watched'):,.0f}/s",
        ),
        Row(
            "agents' upserts in the audit log", (written,), Goal(at_most=0), unit="", is_timed=False
        ),
    ]


class Watched:
    """Clients at work while pages of the panel are open."""

    def __init__(self, clients: Crew, panel: URL) -> None:
        self._clients = clients
        self._panel = panel

    def work(self, seconds: float) -> Measurement:
        with self._open_pages():
            return self._clients.work(seconds)

    @contextmanager
    def _open_pages(self) -> Iterator[None]:
        """Read in a thread, for whoever measures waits for the clients."""
        closed = threading.Event()
        pages = threading.Thread(target=asyncio.run, args=(self._read(closed),))
        pages.start()
        try:
            yield
        finally:
            closed.set()
            pages.join()

    async def _read(self, closed: threading.Event) -> None:
        async with connect(self._panel) as panel:
            while not closed.is_set():
                for page in PAGES:
                    await panel.fetch(page)
                await asyncio.to_thread(closed.wait, EVERY)
