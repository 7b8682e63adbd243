"""A real certificate of a real authority, and those that the server is not to be taken for."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from qlmodels import migrate
from qlmodels.connection import connect, create_engine
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.checks import tls
from qlmodels.errors import ConfigurationError, DatabaseUnreachable
from tests.support.tls import WITH_TLS, Secured, secured_server

ENCRYPTED = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"


@pytest.fixture(scope="module", params=WITH_TLS, ids=lambda found: f"pg{found.major}")
def secured(request: pytest.FixtureRequest) -> Iterator[Secured]:
    with secured_server(request.param) as secured:
        yield secured


async def test_a_known_server_is_reached(secured: Secured) -> None:
    url = secured.asking(ssl="verify-full", sslrootcert=str(secured.authority))
    async with connect(url) as connection:
        assert await connection.fetchval(ENCRYPTED)
    engine = create_engine(url)
    for _ in range(2):  # the second by arguments that the first has been given already
        async with engine.connect() as session:
            assert await session.scalar(text(ENCRYPTED))
        await engine.dispose()


async def test_migrations_verify_too(secured: Secured) -> None:
    url = secured.asking(ssl="verify-full", sslrootcert=str(secured.authority))
    await asyncio.to_thread(migrate.upgrade, url)
    await asyncio.to_thread(migrate.check, url)
    await asyncio.to_thread(migrate.downgrade, url, "base")


async def refused(url: URL) -> str:
    """By the driver and by the ORM in the same words."""
    with pytest.raises((DatabaseUnreachable, ConfigurationError)) as told:
        async with connect(url):
            pass
    with pytest.raises((DatabaseUnreachable, ConfigurationError)) as told_by_migrations:
        await asyncio.to_thread(migrate.upgrade, url)
    assert str(told.value) == str(told_by_migrations.value)
    return str(told.value)


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_another_authoritys_certificate_is_refused(secured: Secured, mode: str) -> None:
    said = await refused(secured.asking(ssl=mode, sslrootcert=str(secured.stranger)))
    assert "an authority that is not trusted" in said
    said = await refused(secured.asking(ssl="verify-full", sslrootcert="system"))
    assert "an authority that is not trusted" in said


async def test_another_hosts_certificate_is_refused(secured: Secured) -> None:
    there = secured.url.update_query_dict(
        {"ssl": "verify-full", "sslrootcert": str(secured.authority)}
    )
    assert there.host == "127.0.0.1"
    assert "has a certificate of another name" in await refused(there)
    async with connect(there.update_query_dict({"ssl": "verify-ca"})):
        pass


async def test_an_authority_is_needed_to_verify(
    secured: Secured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    url = secured.asking(ssl="verify-full")
    assert "nothing says which authority to trust" in await refused(url)
    missing = url.update_query_dict({"sslrootcert": str(tmp_path / "none.crt")})
    assert "no readable file of certificates" in await refused(missing)
    (tmp_path / "empty.crt").write_text("not a certificate")
    empty = url.update_query_dict({"sslrootcert": str(tmp_path / "empty.crt")})
    assert "no readable file of certificates" in await refused(empty)
    monkeypatch.setenv("PGSSLROOTCERT", str(secured.authority))
    async with connect(url) as connection:
        assert await connection.fetchval(ENCRYPTED)


async def test_doctor_tells_who_verifies(secured: Secured) -> None:
    """As if it were another machine: on the loopback there is nobody on the way."""

    async def found(**query: str) -> list[str]:
        async with connect(secured.asking(**query)) as connection:
            elsewhere = secured.asking(**query).set(host="db.example")
            return [f.what for f in await tls.CHECK.findings(CheckContext(elsewhere, connection))]

    assert await found(ssl="require") == ["nobody checks that db.example is who it says it is"]
    assert await found(ssl="disable") == ["the connection to db.example is not encrypted"]
    assert await found(ssl="verify-full", sslrootcert=str(secured.authority)) == []
