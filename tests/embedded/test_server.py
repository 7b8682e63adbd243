import os
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qlmodels.embedded import Binaries, EmbeddedServer, PortTaken, RunningServer

Ask = Callable[..., Awaitable[Any]]
pytestmark = [pytest.mark.newest_first, pytest.mark.long]


def postmaster_pid(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_it_answers_over_tcp_and_over_its_socket(
    home: Path, binaries: Binaries, ask: Ask
) -> None:
    with EmbeddedServer(home, durable=False, binaries=binaries) as server:
        assert server.major == binaries.major
        assert await ask(server, "select current_setting('server_version_num')::int / 10000") == (
            binaries.major
        )
        over_socket = await ask(
            server, "select inet_client_addr() is null", host=str(home / "socket"), ssl=None
        )
        assert over_socket is True


async def test_passwords_are_asked_for_and_stored_as_scram(
    made: Path, binaries: Binaries, ask: Ask
) -> None:
    with EmbeddedServer(made, durable=False, binaries=binaries) as server:
        for place in ({}, {"host": str(made / "socket"), "ssl": None}):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await ask(server, "select 1", password="wrong", **place)
        stored = await ask(server, "select rolpassword from pg_authid where rolname = 'postgres'")
        assert str(stored).startswith("SCRAM-SHA-256$")
        assert server.password not in repr(server)
        assert server.password not in (made / "log").read_text()


async def test_settings(made: Path, binaries: Binaries, ask: Ask) -> None:
    odd = r"it's a \ 100% test"
    server_settings = {"max_connections": "30", "application_name": odd}
    with EmbeddedServer(made, binaries=binaries, settings=server_settings) as server:
        expected = {
            "listen_addresses": "127.0.0.1",
            "wal_level": "logical",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "max_connections": "30",
            "shared_preload_libraries": "pg_stat_statements",
            "TimeZone": "UTC",
        }
        for name, value in expected.items():
            assert await ask(server, f"show {name}") == value
        given = await ask(server, "select reset_val from pg_settings where name = 'cluster_name'")
        assert given == "qlmodels"
        chosen = await ask(
            server,
            "select setting from pg_file_settings where name = 'application_name' and applied",
        )
        assert chosen == odd


async def test_without_durability_nothing_is_synced(preferred: Path, ask: Ask) -> None:
    with EmbeddedServer(preferred, durable=False) as server:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert await ask(server, f"show {name}") == "off"


async def test_another_superuser(home: Path, binaries: Binaries, ask: Ask) -> None:
    shaped = EmbeddedServer(home, durable=False, binaries=binaries, superuser="supabase_admin")
    with shaped as server:
        assert await ask(server, "select rolsuper from pg_roles where rolname = current_user")
        assert not await ask(server, "select true from pg_roles where rolname = 'postgres'")


def test_everything_in_the_home_is_private(home: Path) -> None:
    with EmbeddedServer(home, durable=False):
        for private in ("data", "socket", "locks", "passwords"):
            assert mode(home / private) == 0o700
        for secret in ("passwords/postgres", "log"):
            assert mode(home / secret) == 0o600
        assert mode(home) == (0o711 if os.geteuid() == 0 else 0o700)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_caller_does_not_bend_the_server(
    preferred: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGHOST", "PGPORT", "PGDATA", "PGUSER", "PGOPTIONS", "LC_ALL", "TZ"):
        monkeypatch.setenv(name, "/nonsense")
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "1")
    with EmbeddedServer(preferred, durable=False) as server:
        process = Path("/proc", str(postmaster_pid(preferred)))
        assert b"nonsense" not in (process / "environ").read_bytes()
        assert b"SECRET" not in (process / "environ").read_bytes()
        assert server.password.encode() not in (process / "cmdline").read_bytes()
        assert process.stat().st_uid != 0
        assert (process / "fd" / "0").readlink() == Path("/dev/null")


async def test_data_and_port_survive_a_restart(home: Path, binaries: Binaries, ask: Ask) -> None:
    with EmbeddedServer(home, binaries=binaries) as first:
        await ask(first, "create table kept as select 42 as answer")
        before = postmaster_pid(home)
    assert not (home / "data" / "postmaster.pid").exists()
    with EmbeddedServer(home, binaries=binaries) as second:
        assert await ask(second, "select answer from kept") == 42
        assert second == first
        assert postmaster_pid(home) != before


def test_users_of_one_process_share_it(preferred: Path) -> None:
    with EmbeddedServer(preferred, durable=False) as one:
        pid = postmaster_pid(preferred)
        with EmbeddedServer(preferred, durable=False) as other:
            assert other == one
        assert postmaster_pid(preferred) == pid
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((one.host, one.port))


async def test_a_remembered_port_that_was_taken_moves_no_url(preferred: Path, ask: Ask) -> None:
    with EmbeddedServer(preferred, durable=False) as first:
        pass
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.port))
        other.listen()
        with (
            pytest.raises(PortTaken, match=f"Port {first.port} .* in the URLs of agents"),
            EmbeddedServer(preferred, durable=False),
        ):
            pass
        (preferred / "port").unlink()  # as the message says
        with EmbeddedServer(preferred, durable=False) as second:
            assert second.port != first.port
            assert await ask(second, "select 1") == 1


def test_a_chosen_port_that_is_taken(preferred: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(PortTaken, match=rf"127\.0\.0\.1:{port}, because another program"),
            EmbeddedServer(preferred, durable=False, settings={"port": str(port)}),
        ):
            pass
    with EmbeddedServer(preferred, durable=False, settings={"port": str(port)}) as server:
        assert server.port == port


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_there_is_not(preferred: Path, port: str) -> None:
    server = EmbeddedServer(preferred, durable=False, settings={"port": port})
    with pytest.raises(PortTaken, match="or the port is not allowed"), server:
        pass


async def test_a_long_path_gets_a_short_private_socket(
    scratch: Path, binaries: Binaries, ask: Ask
) -> None:
    deep = scratch / ("deep " * 25) / "home"
    with EmbeddedServer(deep, durable=False, binaries=binaries) as server:
        folder = Path(str(await ask(server, "show unix_socket_directories")).strip('"'))
        assert mode(folder) == 0o700
        assert folder.owner() == (deep / "data").owner()  # noqa: ASYNC240
        assert await ask(server, "select 1", host=str(folder), ssl=None) == 1
    assert not folder.exists()  # noqa: ASYNC240


def test_a_url_hides_its_password() -> None:
    server = RunningServer("127.0.0.1", 5432, Path("/home"), 18, "postgres", "secret")
    url = server.url("ql_taxi", "p@ss/word", "qlmodels")
    assert str(url) == "postgresql+asyncpg://ql_taxi:***@127.0.0.1:5432/qlmodels"
    assert url.password == "p@ss/word"
