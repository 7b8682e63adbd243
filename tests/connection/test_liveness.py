"""A connection that died in the pool is replaced before anybody gets it."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels import connection
from qlmodels.connection import connect, create_engine
from tests.conftest import Database

pytestmark = pytest.mark.one_major


async def _process(engine: AsyncEngine) -> int:
    async with engine.connect() as session:
        return int((await session.execute(text("select pg_backend_pid()"))).scalar_one())


@pytest.mark.parametrize("trusted", [60.0, -1.0])
async def test_it_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, trusted: float
) -> None:
    monkeypatch.setattr(connection, "LIVENESS_INTERVAL_S", trusted)
    engine = create_engine(database.url("ql_test-generator"))
    first = await _process(engine)
    async with connect(database.superuser) as superuser:
        await superuser.fetchval("select pg_terminate_backend($1, 10000)", first)
    assert await _process(engine) != first
    await engine.dispose()


async def test_one_that_was_used_just_now_is_not_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database.url("ql_test-generator"))
    asked: list[object] = []
    monkeypatch.setattr(engine.dialect, "do_ping", asked.append)
    assert await _process(engine) == await _process(engine)
    assert asked == []
    await engine.dispose()
