"""A connection that died in the pool is replaced before anybody gets it."""

import asyncio
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.connection import connect, create_engine
from qlmodels.connection import engine as engine_module
from tests.conftest import Database

pytestmark = pytest.mark.one_major


async def _process(engine: AsyncEngine) -> int:
    async with engine.connect() as session:
        return int((await session.execute(text("select pg_backend_pid()"))).scalar_one())


@pytest.mark.parametrize("trusted", [60.0, -1.0])
async def test_it_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, trusted: float
) -> None:
    monkeypatch.setattr(engine_module, "LIVENESS_INTERVAL_S", trusted)
    engine = create_engine(database.url("ql_test-generator"))
    first = await _process(engine)
    await _kill(database, first)
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


async def test_one_that_died_unnoticed_is_asked_and_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ended it, and the driver has not yet read that."""
    monkeypatch.setattr(engine_module, "LIVENESS_INTERVAL_S", -1.0)
    engine = create_engine(database.url("ql_test-generator"))
    process = await _process(engine)
    killing = Thread(target=asyncio.run, args=(_kill(database, process),))
    killing.start()
    killing.join()  # this thread's event loop stands still meanwhile
    assert await _process(engine) != process
    await engine.dispose()


async def _kill(database: Database, process: int) -> None:
    async with connect(database.superuser) as superuser:
        await superuser.fetchval("select pg_terminate_backend($1, 10000)", process)
