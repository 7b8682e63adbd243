"""Engines and connections: what they tell, and that they end."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qlmodels.connection import connect, create_engine
from tests.conftest import Database

pytestmark = pytest.mark.one_major


async def test_an_error_tells_no_value(database: Database) -> None:
    engine = create_engine(database.url("ql_test-generator"))
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as failed:
            await connection.execute(
                text("select 1 / cast(:zero as int), cast(:secret as text)"),
                {"zero": 0, "secret": "correct horse"},
            )
    await engine.dispose()
    assert "division by zero" in str(failed.value)
    assert "correct horse" not in str(failed.value)


async def test_a_connection_ends_with_its_block(database: Database) -> None:
    async with connect(database.url("ql_test-generator")) as ended:
        pass
    assert ended.is_closed()
    block = connect(database.url("ql_test-generator"))
    broken = await block.__aenter__()
    error = ZeroDivisionError()
    assert not await block.__aexit__(ZeroDivisionError, error, None)
    assert broken.is_closed()
