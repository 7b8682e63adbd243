import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

from qlmodels.embedded import Binaries, EmbeddedServer, RunningServer, find_binaries
from qlmodels.files.locks import Lock

USER = Path(__file__).with_name("user.py")


class Until(Protocol):
    def __call__(self, fact: Callable[[], object], seconds: float = 30) -> None: ...


@dataclass
class UserProcess:
    process: subprocess.Popen[str]
    port: int = 0
    postmaster: int = 0

    def joined(self) -> "UserProcess":
        """Wait until it has told what it got."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        told = json.loads(line)
        self.port, self.postmaster = told["port"], told["pid"]
        return self

    def leave(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0

    def end(self, number: int) -> None:
        """By a signal to its whole process group, as a terminal does it."""
        os.killpg(self.process.pid, number)
        self.process.wait(timeout=60)


@pytest.fixture(scope="session")
def until() -> Until:
    """Poll a fact of the outside world until it holds; fail when it never does."""

    def poll(fact: Callable[[], object], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.005)

    return poll


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that other accounts can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="ql"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def home(scratch: Path, until: Until) -> Iterator[Path]:
    """A home not yet made; when the test is over no process of its server may be left."""
    folder = scratch / "home"
    yield folder
    if not (folder / "locks").is_dir():
        return
    with Lock(folder / "locks" / "server") as alive:
        try:
            until(alive.attempt, seconds=5)
        except AssertionError:
            with EmbeddedServer(folder, durable=False):
                pass
            raise


@pytest.fixture(scope="session")
def seed() -> Iterator[Callable[[Binaries], Path]]:
    """A stopped home of each version, for copies: a test that is not about initdb saves it."""
    with tempfile.TemporaryDirectory(prefix="ql") as folder:
        Path(folder).chmod(0o711)

        def made_by(binaries: Binaries) -> Path:
            home = Path(folder, binaries.release)
            if not home.exists():
                with EmbeddedServer(home, durable=False, binaries=binaries):
                    pass
                (home / "port").unlink()
            return home

        yield made_by


def copy(seed: Path, home: Path) -> Path:
    subprocess.run(["cp", "-a", seed, home], check=True)  # noqa: S607 keeps the owners
    return home


@pytest.fixture
def made(home: Path, seed: Callable[[Binaries], Path], binaries: Binaries) -> Path:
    """A home with data, of every version in turn."""
    return copy(seed(binaries), home)


@pytest.fixture(scope="module")
def server(seed: Callable[[Binaries], Path], binaries: Binaries) -> Iterator[RunningServer]:
    """A server for the tests of one module, which logs every statement with its values."""
    wordy = {"log_statement": "all", "log_parameter_max_length": "-1"}
    with tempfile.TemporaryDirectory(prefix="ql") as folder:
        Path(folder).chmod(0o711)
        home = copy(seed(binaries), Path(folder, "home"))
        with EmbeddedServer(home, durable=False, binaries=binaries, settings=wordy) as running:
            yield running


@pytest.fixture
def preferred(home: Path, seed: Callable[[Binaries], Path]) -> Path:
    """A home with data of the preferred version."""
    return copy(seed(find_binaries()), home)


@pytest.fixture
def use(home: Path) -> Iterator[Callable[[], UserProcess]]:
    """Begin a user process of the home; it has not joined yet."""
    with ExitStack() as stack:

        def begin() -> UserProcess:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, USER, home],
                    text=True,
                    start_new_session=True,
                    env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                )
            )
            stack.callback(process.kill)
            return UserProcess(process)

        yield begin


async def ask(server: RunningServer, query: str, **others: Any) -> Any:
    """The answer to one query, by default the superuser's over TCP."""
    connection = await asyncpg.connect(
        **{
            "host": server.host,
            "port": server.port,
            "user": server.superuser,
            "password": server.password,
            "database": "postgres",
            "ssl": False,
            **others,
        }
    )
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


Ask = Callable[..., Any]


@pytest.fixture(name="ask", scope="session")
def ask_() -> Ask:
    return ask
