"""Every command fails in one sentence, whatever the network, the login, the disk or the pipe does.

The commands are found by walking the application, so that a new one is tested from its first day.
"""

import inspect
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import URL
from typer.models import OptionInfo

from qlmodels.cli.commands import CLI_COMMANDS
from tests.cli.conftest import SECRET, Run, use
from tests.conftest import Database

ARGUMENTS: Final = {
    "agent add": ["newcomer"],
    "agent copy": ["test-generator", "newcomer"],
    "agent remove": ["visual-tester"],
    "agent set": ["test-generator", "learning_rate=0.5"],
    "demo": ["--remove", "--yes"],
    "downgrade": ["base", "--yes"],
    "export": ["{path}"],
    "import": ["{archive}"],
    "init": ["--address=postgres", "--host=127.0.0.1", "--no-test", "--force"],
    "loadtest": ["--agents=1", "--seconds=1"],
    "login create": ["test-generator"],
    "login drop": ["ql_nobody"],
    "login rotate": ["ql_nobody"],
    "policy diff": ["test-generator", "now"],
    "up": ["--port={port}", "--no-demo", "--yes"],
    "user connect": ["someone", "subject", "--issuer=https://id.example"],
    "user add": ["someone", "--role=viewer", "--password-stdin"],
}
"""What a command is given where the first value that its type admits would not do."""

OFFLINE: Final = frozenset({"access", "init", "monitoring", "sql"})
"""They read no database."""

REPORTS: Final = frozenset({"doctor"})
"""They report on standard output that they could not connect."""

NEEDS_EMBEDDED: Final = frozenset({"login url"})
"""They refuse every configured database."""


@dataclass(frozen=True)
class CommandLine:
    """A command by its words, and what it is given for lack of a default."""

    words: tuple[str, ...]
    given: tuple[str, ...]
    paths: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)

    def line(self, folder: Path) -> list[str]:
        given = ARGUMENTS.get(self.name, self.given)
        return [
            *self.words,
            *(
                word.format(port=_free_port(), path=folder / "made", archive=ARCHIVE)
                for word in given
            ),
        ]


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[CommandLine]:
    inner = getattr(command, "commands", {})
    for name, subcommand in inner.items():
        yield from _walk(subcommand, (*words, name))
    if not inner or command.invoke_without_command:
        yield _command_line(command.callback, words)


def _command_line(function: Any, words: tuple[str, ...]) -> CommandLine:
    hints = get_type_hints(inspect.unwrap(function), include_extras=True)
    given, paths = [], []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = (getattr(hints[name], "__origin__", hints[name]), parameter.default)
        for note in getattr(hints[name], "__metadata__", ()):
            info = note
        option = f"--{name.strip('_').replace('_', '-')}"
        is_option = isinstance(info, OptionInfo)
        if is_option and str(info.default).startswith("--"):  # as typer reads it, too
            option = info.default
        if Path in (kind, *get_args(kind)):
            paths.append(f"{option}=" if is_option else "")
        default = getattr(parameter.default, "default", parameter.default)
        if default in (inspect.Parameter.empty, ...):
            given.append((f"{option}=" if is_option else "") + _value(kind))
    return CommandLine(words, tuple(given), tuple(paths))


def _value(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    return {int: "1", Path: "{path}"}.get(kind, "test-generator")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


ARCHIVE: Final = Path(__file__).parents[1] / "archive" / "revision_0001" / "jsonl"

COMMANDS: Final = [
    line for name, command in CLI_COMMANDS.items() for line in _walk(command.load(name), (name,))
]
ONLINE: Final = [command for command in COMMANDS if command.name not in OFFLINE | NEEDS_EMBEDDED]
WITH_PATHS: Final = [
    (command, path) for command in COMMANDS for path in command.paths if path != "--ca-file="
]
"""Paths that a command reads or writes; the file of an authority is read when it connects."""


pytestmark = pytest.mark.one_major


def each(commands: Sequence[CommandLine]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("command", commands, ids=lambda command: command.name)


@each(ONLINE)
def test_an_unreachable_server(
    command: CommandLine, place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(URL.create("postgresql", "me", SECRET, "127.0.0.1", 1, "q"), monkeypatch)
    ending = run(command.line(place))
    said = ending.output if command.name in REPORTS else ending.sentence()
    assert "No server answers at 127.0.0.1:1" in said


@each(ONLINE)
def test_a_wrong_password(
    command: CommandLine,
    place: Path,
    database: Database,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(database.owner.set(password=SECRET), monkeypatch)
    ending = run(command.line(place))
    said = ending.output if command.name in REPORTS else ending.sentence()
    assert "refused login qlmodels_owner" in said


@pytest.mark.long
@each(ONLINE)
def test_a_login_that_owns_nothing(
    command: CommandLine,
    place: Path,
    database: Database,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some of them it may have; what it may not have is refused in one sentence."""
    use(database.url("ql_test-generator"), monkeypatch)
    ending = run(command.line(place))
    if ending.code and command.name not in REPORTS | {"status", "policy diff"}:
        ending.sentence()


@each([command for command in COMMANDS if command.name not in OFFLINE])
def test_a_home_that_cannot_be_made(command: CommandLine, place: Path, run: Run) -> None:
    assert f"cannot use its folder {place}/file/home" in run(command.line(place)).sentence()


@pytest.mark.parametrize(
    ("command", "option"), WITH_PATHS, ids=lambda it: getattr(it, "name", it or "argument")
)
def test_a_path_that_cannot_be_used(
    command: CommandLine,
    option: str,
    place: Path,
    database: Database,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(database.owner, monkeypatch)
    unusable = place / "file" / "below"
    given = ARGUMENTS.get(command.name, []) if option else []
    ending = run([*command.words, *given, f"{option}{unusable}"])
    assert str(place / "file") in ending.sentence()


def test_a_folder_that_nothing_can_be_written_to(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a command writes beside itself, as `init` does its .env."""
    monkeypatch.chdir("/sys")
    assert ".env" in run(["init", *ARGUMENTS["init"]]).sentence()


@pytest.mark.long
@each(COMMANDS)
def test_a_broken_pipe(
    command: CommandLine,
    place: Path,
    database: Database,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with `| head -1`: it ends, in silence."""
    use(database.owner, monkeypatch)
    reading, writing = os.pipe()
    os.close(reading)
    closed = open(writing, "w")  # noqa: PTH123, SIM115  (a descriptor)
    monkeypatch.setattr(sys, "stdout", closed)
    ending = run(command.line(place))
    with suppress(BrokenPipeError):
        closed.close()
    assert ending.code == 1
    if "qlmodels: " in ending.errors:
        ending.sentence()


@contextmanager
def interrupting() -> Iterator[int]:
    """The port of a server that never answers; who connects is interrupted, as by Ctrl-C."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent: list[socket.socket] = []

        def interrupt() -> None:
            with suppress(OSError):
                silent.append(listener.accept()[0])
                os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in silent:
                connection.close()


@each(ONLINE)
def test_ctrl_c(
    command: CommandLine, place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with interrupting() as port:
        use(URL.create("postgresql", "me", SECRET, "127.0.0.1", port, "q"), monkeypatch)
        ending = run(command.line(place))
    assert ending.code == 130
    assert "qlmodels:" not in ending.errors
