"""The synchronous store: a thin front, from scripts, notebooks, threads and forks."""

import asyncio
import inspect
import os
import random
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from subprocess import PIPE, Popen
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import URL

import qlmodels.store
from qlmodels import Choice, Transition, open_pool
from qlmodels.errors import ConfigurationError, DatabaseUnreachable
from qlmodels.store import Episode, InvalidValue, Learned, NoActions, StoreClosed, WritesFailed
from qlmodels.sync import LearningStore
from tests.conftest import Database

AGENT = "test-generator"
ACTIONS = ["left", "right"]
NOT_OFFERED = {"within"}


@pytest.fixture
def url(database: Database) -> URL:
    return database.url(f"ql_{AGENT}")


@pytest.fixture
def store(url: URL) -> Iterator[LearningStore]:
    with LearningStore(url, AGENT, actions=ACTIONS, rng=random.Random(1)) as store:
        yield store


def walk(store: LearningStore, steps: int = 5) -> list[float]:
    """A corridor: right is worth more and more."""
    for step in range(steps):
        choice: Choice = store.select_action({"at": step})
        learned: Learned = store.learn(
            {"at": step}, choice.action, 1.0, {"at": step + 1}, terminated=step == steps - 1
        )
        assert learned.q_value > 0
    return store.values({"at": 0})


def episode() -> Episode:
    return Episode(
        task_id="walk",
        states=[0, 1],
        actions=["right"],
        rewards=[1.0],
        success=True,
        started_at=datetime.now(UTC),
        terminated=True,
    )


def test_every_operation_is_offered_with_its_signature_and_words() -> None:
    original = qlmodels.store.LearningStore
    names = {
        name
        for base in original.__mro__[:-1]
        for name, value in vars(base).items()
        if callable(value) and not name.startswith("_")
    }
    for name in names - NOT_OFFERED:
        ours, theirs = getattr(LearningStore, name), getattr(original, name)
        expected = inspect.signature(theirs).parameters
        assert inspect.signature(ours).parameters.keys() == expected.keys(), name
        assert ours.__doc__
    made, theirs = (inspect.signature(part).parameters for part in (LearningStore, original))
    assert theirs.keys() - {"pool"} <= made.keys()
    assert all(made[name].default == theirs[name].default for name in theirs.keys() - {"pool"})


def test_it_learns_as_the_other_one_does(url: URL, store: LearningStore) -> None:
    store.start_session("by hand", environment="development")
    assert walk(store)[0] != walk(store)[1]
    store.record(episode())
    store.finish_episode(success=True, total_reward=1)
    store.heartbeat(status="learning")
    assert [replayed.rewards for replayed in store.replay(1)] == [[1.0]]
    assert store.session is not None
    store.finish_session()
    best = store.best_action({"at": 0})
    assert best is not None
    assert store.actions({"at": 0})[0] == best

    async def read() -> Any:
        async with await open_pool(url) as pool:
            return await qlmodels.LearningStore(pool, AGENT).best_action({"at": 0})

    assert asyncio.run(read()) == best


async def test_it_works_where_an_event_loop_runs(url: URL) -> None:
    """As in a notebook."""
    with LearningStore(url, AGENT, actions=ACTIONS) as store:
        assert walk(store)


def test_it_is_kept_over_two_event_loops(store: LearningStore) -> None:
    async def learn() -> list[float]:
        return walk(store)

    assert asyncio.run(learn()) <= asyncio.run(learn())


def test_errors_are_the_same(store: LearningStore, database: Database) -> None:
    with pytest.raises(InvalidValue, match="reward"):
        store.learn(0, "left", float("nan"), 1)
    with pytest.raises(NoActions):
        store.select_action(0, [])
    with pytest.raises(ConfigurationError, match="postgresql://"):
        LearningStore("nonsense", AGENT)
    with pytest.raises(DatabaseUnreachable):
        LearningStore(database.owner.set(port=1), AGENT)
    with pytest.raises(InvalidValue, match="agent_type"):
        LearningStore(database.url(f"ql_{AGENT}"), "")


def test_no_thread_and_no_connection_is_left(url: URL) -> None:
    def threads() -> list[str]:
        return [thread.name for thread in threading.enumerate() if "qlmodels" in thread.name]

    before = threads()
    with LearningStore(url, AGENT) as store:
        store.values(0, ACTIONS)
        assert len(threads()) == len(before) + 1
    store.close()
    with pytest.raises(InvalidValue):
        LearningStore(url, "")
    assert threads() == before
    with pytest.raises(StoreClosed, match="closed"):
        store.values(0, ACTIONS)


def test_threads_share_it(store: LearningStore) -> None:
    def learn(worker: int) -> float:
        for _ in range(10):
            store.learn("shared", "left", 1.0, None, terminated=True)
        return float(worker)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(learn, range(8))) == 28
    (pair,) = store.search(action_contains="left")
    assert pair.visit_count == 80


def test_a_buffer_groups_and_tells(store: LearningStore) -> None:
    step = Transition(state=0, action="left", reward=1.0, next_state=1, terminated=True)
    with store.buffered() as buffer:
        learned = buffer.learn(step)
        for _ in range(20):
            buffer.learn(step)
        buffer.flush()
        assert buffer.waiting == 0
        assert learned.result().q_value == pytest.approx(0.1)
        buffer.record(episode())
    assert store.search(state_contains=0)[0].visit_count == 21
    with pytest.raises(WritesFailed, match="nan"), store.buffered() as buffer:
        buffer.learn(Transition(state=0, action="left", reward=float("nan"), next_state=1))


def test_a_call_from_within_is_refused(url: URL) -> None:
    def encode(state: Any) -> Any:
        return itself.values(state, ACTIONS)

    with (
        LearningStore(url, AGENT, encode=encode) as itself,
        pytest.raises(StoreClosed, match="cannot call the store itself"),
    ):
        itself.values(0, ACTIONS)


SCRIPT = """
import os, signal, sys, threading
from qlmodels.store import StoreClosed
from qlmodels.sync import LearningStore

with LearningStore(os.environ["AGENT_URL"], "test-generator", actions=["a"]) as store:
    store.learn(0, "a", 1.0, None, terminated=True)
"""


def script(url: URL, code: str) -> Popen[str]:
    environment = os.environ | {"AGENT_URL": url.render_as_string(hide_password=False)}
    command = [sys.executable, "-c", SCRIPT + code]
    return Popen(command, stdout=PIPE, stderr=PIPE, text=True, env=environment)


def ended(process: Popen[str]) -> tuple[str, str, int]:
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    return out, err, process.returncode


def test_a_fork_is_told_to_open_its_own(url: URL) -> None:
    code = """
        child = os.fork()
        if not child:
            try:
                store.values(0)
            except StoreClosed as error:
                print(error, flush=True)
            store.close()
            sys.exit(3)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), store.values(0))
    """
    out, err, code_of = ended(script(url, indented(code)))
    assert (err, code_of) == ("", 0)
    said, last = out.splitlines()
    assert "fork" in said
    assert "Open a store in each process" in said
    assert last == "3 [0.1]"


def test_a_program_that_never_closes_it_ends(url: URL) -> None:
    code = """
store = LearningStore(os.environ["AGENT_URL"], "test-generator", actions=["a"])
print(store.values(0))
"""
    assert ended(script(url, code)) == ("[0.1]\n", "", 0)


def test_ctrl_c_interrupts_a_call(url: URL, database: Database) -> None:
    """While another transaction holds the row that it waits for."""
    code = """
        import psycopg
        from sqlalchemy import make_url
        url = make_url(os.environ["AGENT_URL"])
        with psycopg.connect(
            host=url.host, port=url.port, user=url.username, password=url.password,
            dbname=url.database
        ) as other:
            other.execute("select * from q_values for update")
            threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                store.learn(0, "a", 1.0, None, terminated=True)
            except KeyboardInterrupt as error:
                print("interrupted", type(error.__cause__).__name__)
        print(store.values(0))
    """
    out, err, code_of = ended(script(url, indented(code)))
    assert (err, code_of) == ("", 0)
    said, last = out.splitlines()
    assert said in {"interrupted OutcomeUnknown", "interrupted NoneType"}
    assert last in {"[0.1]", "[0.19]"}


def indented(code: str) -> str:
    return "".join(f"    {line}\n" for line in dedent(code).splitlines())
