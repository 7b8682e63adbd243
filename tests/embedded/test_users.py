"""Several processes, one server: the first starts it, the last one stops it."""

import os
import random
import signal
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qlmodels.embedded import EmbeddedServer

pytestmark = pytest.mark.long

Use = Callable[[], Any]
Until = Callable[[Callable[[], object]], None]
Ask = Callable[..., Awaitable[Any]]


def pid_file(home: Path) -> Path:
    return home / "data" / "postmaster.pid"


def postmaster_pid(home: Path) -> int:
    return int(pid_file(home).read_text().split()[0])


def test_it_stops_with_its_last_user(preferred: Path, use: Use) -> None:
    first = use().joined()
    second = use().joined()
    assert (second.port, second.postmaster) == (first.port, first.postmaster)
    first.leave()
    assert postmaster_pid(preferred) == first.postmaster
    second.leave()
    assert not pid_file(preferred).exists()


def test_it_is_started_once_by_users_who_come_together(home: Path, use: Use) -> None:
    together = [use() for _ in range(4)]
    assert len({user.joined().postmaster for user in together}) == 1
    for user in together:
        user.process.stdin.close()
    for user in together:
        assert user.process.wait(timeout=60) == 0
    assert not pid_file(home).exists()


async def test_a_killed_user_leaves_it_to_the_next(preferred: Path, use: Use, ask: Ask) -> None:
    only = use().joined()
    only.end(signal.SIGKILL)
    with EmbeddedServer(preferred, durable=False) as adopted:
        assert postmaster_pid(preferred) == only.postmaster
        assert await ask(adopted, "select 1") == 1
    assert not pid_file(preferred).exists()


def test_a_killed_user_does_not_keep_it_running(preferred: Path, use: Use) -> None:
    killed, living = use().joined(), use().joined()
    killed.end(signal.SIGKILL)
    living.leave()
    assert not pid_file(preferred).exists()


def test_ctrl_c_stops_what_it_started(preferred: Path, use: Use) -> None:
    only = use().joined()
    only.end(signal.SIGINT)
    assert not pid_file(preferred).exists()


async def test_ctrl_c_leaves_it_to_the_others(preferred: Path, use: Use, ask: Ask) -> None:
    starter = use().joined()
    with EmbeddedServer(preferred, durable=False) as server:
        starter.end(signal.SIGINT)
        assert postmaster_pid(preferred) == starter.postmaster
        assert await ask(server, "select 1") == 1


@pytest.mark.slow
@pytest.mark.parametrize("luck", range(3))
def test_users_who_come_and_go_as_they_like(preferred: Path, use: Use, luck: int) -> None:
    """At every moment one server, which every user reaches, and none when all are gone."""
    dice = random.Random(luck)
    present: list[Any] = []
    for _ in range(30):
        if len(present) < 2 or (len(present) < 5 and dice.random() < 0.5):
            coming = [use() for _ in range(dice.randint(1, 2))]
            present += [user.joined() for user in coming]
        else:
            going = present.pop(dice.randrange(len(present)))
            end = dice.choice([signal.SIGINT, signal.SIGKILL, None])
            going.leave() if end is None else going.end(end)
        assert len({user.postmaster for user in present}) <= 1
        for user in present:
            assert user.postmaster == postmaster_pid(preferred)
            socket.create_connection(("127.0.0.1", user.port)).close()
    for user in present:
        user.leave()
    assert not pid_file(preferred).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_user_who_ends_while_it_is_made(
    home: Path, use: Use, until: Until, number: signal.Signals
) -> None:
    early = use()
    until(lambda: (home / "data.new" / "PG_VERSION").exists())
    early.end(number)
    assert not (home / "data").exists()
    if number == signal.SIGINT:
        assert not (home / "data.new").exists()
    with EmbeddedServer(home, durable=False):
        assert not (home / "data.new").exists()
        assert not (home / "password.new").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_user_who_ends_while_it_starts(
    preferred: Path, use: Use, until: Until, number: signal.Signals
) -> None:
    early = use()
    until(pid_file(preferred).exists)
    early.end(number)
    if number == signal.SIGINT:
        assert not pid_file(preferred).exists()
    with EmbeddedServer(preferred, durable=False):
        pass


async def test_a_client_does_not_keep_it_running(preferred: Path) -> None:
    with EmbeddedServer(preferred, durable=False) as server:
        client = await asyncpg.connect(
            host=server.host,
            port=server.port,
            user=server.superuser,
            password=server.password,
            database="postgres",
            ssl=False,
        )
        await client.execute("begin")
    assert not pid_file(preferred).exists()
    client.terminate()


async def test_a_killed_server_recovers_at_the_next_start(preferred: Path, ask: Ask) -> None:
    with EmbeddedServer(preferred) as server:
        await ask(server, "create table kept as select 42 as answer")
        os.kill(postmaster_pid(preferred), signal.SIGKILL)
    with EmbeddedServer(preferred) as server:
        assert await ask(server, "select answer from kept") == 42


async def test_a_killed_server_is_started_by_who_comes_next(
    preferred: Path, use: Use, ask: Ask
) -> None:
    orphaned = use().joined()
    os.kill(orphaned.postmaster, signal.SIGKILL)
    with EmbeddedServer(preferred, durable=False) as server:
        assert await ask(server, "select 1") == 1
    assert pid_file(preferred).exists()
    orphaned.leave()
    assert not pid_file(preferred).exists()
