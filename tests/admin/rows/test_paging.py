"""Pages by key meet every row once, whatever it holds, in both directions, on both majors."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from qlmodels_admin.rows.pagination import Order, Place, read_cursor, read_page, write_cursor
from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.connection import connect, create_engine
from qlmodels.tables import QValue
from tests.conftest import Database

AGENTS = ("chaos-engineer", "visual-tester")
VALUES = (0.0, -0.0, 5e-324, -5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1, 0.1)
ERRORS = (None, 0.0, None, 1e-300, None, -1e300, 0.1, None)
SORTS = ("q_value_id", "state_hash", "session_id", "q_value", "td_error", "last_updated")
SIZES = (1, 7, 16, 1000)
model: Any = QValue


async def _fill(database: Database) -> None:
    """Values in ties across agent types, times a microsecond apart, half of the errors null."""
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    async with connect(database.url("qlpanel_test")) as panel:
        for agent in AGENTS:
            sessions = [None] + [
                await panel.fetchval(
                    "insert into sessions (agent_type) values ($1) returning session_id", agent
                )
                for _ in range(2)
            ]
            await panel.executemany(
                "insert into q_values (agent_type, session_id, state_hash, state_data, "
                "action_hash, action_data, q_value, td_error, last_updated) "
                "values ($1, $2, $3, '{}', $4, '{}', $5, $6, $7)",
                [
                    (
                        agent,
                        sessions[number % 3],
                        "aZ~é;\\"[number % 6],
                        str(number),
                        VALUES[number % 8],
                        ERRORS[number % 8],
                        begin + timedelta(microseconds=number % 5),
                    )
                    for number in range(16)
                ],
            )


def _order(name: str, *, lead: bool, descending: bool) -> Order:
    leads = (model.agent_type,) if lead else ()
    taken = {name, *(attribute.key for attribute in leads)}
    key = tuple(part for part in (model.agent_type, model.q_value_id) if part.key not in taken)
    return Order(leads, getattr(model, name), key, descending)


@pytest.mark.newest_first
async def test_every_row_once_in_both_directions(database: Database) -> None:
    await _fill(database)
    engine = create_engine(database.url("qlpanel_test"))
    async with engine.connect() as connection:
        for name, lead, descending in product(SORTS, (False, True), (False, True)):
            order = _order(name, lead=lead, descending=descending)
            columns = [attribute.label(attribute.key) for attribute in order.attributes]
            query: Select[Any] = select(*columns)
            ordered = await connection.execute(query.order_by(*order.clauses(False)))
            expected = [row.q_value_id for row in ordered]
            assert len(set(expected)) == 2 * 16
            for size in SIZES:
                assert await _forth(connection, query, order, size) == expected, (name, size)
                assert await _back(connection, query, order, size) == expected, (name, size)
    await engine.dispose()


async def _forth(
    connection: AsyncConnection, query: Select[Any], order: Order, size: int
) -> list[int]:
    seen: list[int] = []
    place = Place()
    while True:
        page = await read_page(connection, query, order, place, size)
        assert (page.before is None) == (not seen)
        seen += [row["q_value_id"] for row in page.rows]
        if page.after is None:
            return seen
        assert page.after == write_cursor(order, page.rows[-1])
        place = Place(read_cursor(order, page.after))


async def _back(
    connection: AsyncConnection, query: Select[Any], order: Order, size: int
) -> list[int]:
    seen: list[int] = []
    place = Place(backward=True)
    while True:
        page = await read_page(connection, query, order, place, size)
        assert (page.after is None) == (not seen)
        seen = [row["q_value_id"] for row in page.rows] + seen
        if page.before is None:
            return seen
        place = Place(read_cursor(order, page.before), backward=True)


@pytest.mark.parametrize("column", ["state_data", "action_data"])
async def test_containment_asks_the_index_under_row_level_security(
    database: Database, column: str
) -> None:
    """`@>` is not leakproof, but the panel's policy is `true`, and holds nothing back."""
    engine = create_engine(database.url("qlpanel_test"))
    async with engine.connect() as connection:
        await connection.execute(text("set local enable_seqscan = off"))
        found = await connection.execute(
            text(f"explain select * from q_values where {column} @> '[1]'")
        )
        plan = "\n".join(row[0] for row in found)
    await engine.dispose()
    assert f"Bitmap Index Scan on ix_q_values_{column}" in plan, plan
    assert f"Index Cond: ({column} @>" in plan, plan
