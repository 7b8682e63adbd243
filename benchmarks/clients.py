"""Many clients at work at once, in processes of their own as the services of a fleet are."""

import asyncio
import multiprocessing
import time
from array import array
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, Protocol

from sqlalchemy import URL

from benchmarks.world import World

PROCESSES = 2


@dataclass(frozen=True)
class Seat:
    """One client's place: who it is, and where its rows are."""

    number: int
    url: URL
    agent_type: str
    world: World


Step = Callable[[], Awaitable[int]]
"""One call as a service makes it; gives how many rows, steps or episodes it did."""

Work = Callable[[Seat], AbstractAsyncContextManager[Step]]
"""What a client does all the time; entering it connects."""


@dataclass(frozen=True)
class Measurement:
    units: int
    seconds: float
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds of each call, ascending."""

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share of the calls was answered."""
        return 1000 * self.latencies[min(int(share * len(self.latencies)), len(self.latencies) - 1)]


class Worker(Protocol):
    """Whatever can be timed."""

    def work(self, seconds: float) -> Measurement: ...


class Crew:
    """Clients that are connected and wait for work. Every error of a client is raised here."""

    def __init__(self, fleet: "Fleet", name: int) -> None:
        self._fleet = fleet
        self._name = name

    def work(self, seconds: float) -> Measurement:
        """Every client calls again and again for so long."""
        return self._measure(Order(self._name, seconds=seconds))

    def work_times(self, calls: int) -> Measurement:
        """Every client makes so many calls."""
        return self._measure(Order(self._name, calls=calls))

    def _measure(self, order: "Order") -> Measurement:
        answers = self._fleet.order(order)
        latencies = sorted(latency for answer in answers for latency in answer.latencies)
        return Measurement(
            sum(answer.units for answer in answers),
            max(answer.seconds for answer in answers),
            array("d", latencies),
        )


@dataclass(frozen=True)
class Order:
    """To one crew: work for so long, or make so many calls."""

    crew: int
    seconds: float | None = None
    calls: int | None = None


@dataclass(frozen=True)
class Join:
    """Make a crew of these clients."""

    crew: int
    work: Work
    seats: Sequence[Seat]


@dataclass(frozen=True)
class Leave:
    crew: int


class Fleet:
    """The processes, in which one crew works at a time while the others wait."""

    def __init__(self, pipes: "Sequence[Connection[Any, Any]]") -> None:
        self._pipes = pipes
        self._names = count()

    @contextmanager
    def crew(self, work: Work, seats: Sequence[Seat]) -> Iterator[Crew]:
        name = next(self._names)
        self._tell(
            [Join(name, work, seats[n :: len(self._pipes)]) for n in range(len(self._pipes))]
        )
        try:
            yield Crew(self, name)
        finally:
            self._tell([Leave(name)] * len(self._pipes))

    def order(self, order: Order) -> list[Measurement]:
        return self._tell([order] * len(self._pipes))

    def _tell(self, orders: "Sequence[Order | Join | Leave]") -> list[Measurement]:
        for pipe, order in zip(self._pipes, orders, strict=True):
            pipe.send(order)
        answers = [_receive(pipe) for pipe in self._pipes]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return [answer for answer in answers if isinstance(answer, Measurement)]


@contextmanager
def start_fleet() -> Iterator[Fleet]:
    """Start the processes; end them when left."""
    spawn = multiprocessing.get_context("spawn")
    ends = [spawn.Pipe() for _ in range(PROCESSES)]
    processes = [spawn.Process(target=_process, args=(theirs,)) for _, theirs in ends]
    for process in processes:
        process.start()
    for _, theirs in ends:
        theirs.close()
    try:
        yield Fleet([ours for ours, _ in ends])
    finally:
        for ours, _ in ends:
            ours.close()
        for process in processes:
            process.join()


def _receive(pipe: "Connection[Any, Any]") -> Measurement | Exception:
    try:
        answer: Measurement | Exception = pipe.recv()
    except EOFError:
        raise RuntimeError("A process of clients ended: its error stands above.") from None
    return answer


def _process(pipe: "Connection[Any, Any]") -> None:
    try:
        asyncio.run(_serve(pipe))
    except EOFError:
        return  # the other end has left


async def _serve(pipe: "Connection[Any, Any]") -> None:
    crews: dict[int, tuple[AsyncExitStack, list[Step]]] = {}
    while True:
        order = pipe.recv()
        try:
            pipe.send(await _obey(order, crews))
        except Exception as error:  # raised again by whoever waits
            pipe.send(RuntimeError(f"{type(error).__name__}: {error}"))


async def _obey(
    order: Order | Join | Leave, crews: dict[int, tuple[AsyncExitStack, list[Step]]]
) -> Measurement:
    match order:
        case Join(name, work, seats):
            connected = AsyncExitStack()
            crews[name] = (connected, [])
            for seat in seats:
                crews[name][1].append(await connected.enter_async_context(work(seat)))
        case Leave(name):
            await crews.pop(name)[0].aclose()
        case Order(name):
            return await _carry_out(crews[name][1], order)
    return Measurement(0, 0)


async def _carry_out(steps: Sequence[Step], order: Order) -> Measurement:
    begin = time.perf_counter()
    until = None if order.seconds is None else begin + order.seconds
    async with asyncio.TaskGroup() as group:
        done = [group.create_task(_repeat(step, until, order.calls)) for step in steps]
    took = time.perf_counter() - begin
    latencies = array("d", (latency for task in done for latency in task.result()[1]))
    return Measurement(sum(task.result()[0] for task in done), took, latencies)


async def _repeat(step: Step, until: float | None, calls: int | None) -> "tuple[int, array[float]]":
    units, latencies = 0, array("d")
    before = time.perf_counter()
    while (until is None or before < until) and (calls is None or len(latencies) < calls):
        units += await step()
        after = time.perf_counter()
        latencies.append(after - before)
        before = after
    return units, latencies
