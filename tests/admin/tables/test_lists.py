"""Lists: every row once, in order, whatever it is sorted by."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.db.row_counts import Count, count_rows, estimated_size
from qlmodels_admin.rows.pagination import Order, read_cursor, write_cursor
from sqlalchemy import select

from qlmodels.tables import QValue

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENTS = ("api-contract-validator", "regression-risk-analyzer")
ROWS = 23


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def many(rows: asyncpg.Connection) -> Any:
    """Rows of two agent types, some of them alike, some without a session."""
    for agent in AGENTS:
        sessions = [
            await rows.fetchval(
                "insert into sessions (agent_type) values ($1) returning session_id", agent
            )
            for _ in range(3)
        ]
        await rows.executemany(
            "insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, "
            "action_data, q_value, visit_count, td_error, last_updated) "
            "values ($1, $2, $3, $4, 'a', '{}', $5, $6, $7, $8)",
            [
                (
                    agent,
                    [*sessions, None][number % 4],
                    uuid4().hex,
                    {"n": number},
                    float(number % 5),
                    number % 3,
                    None if number % 2 else 0.1 * number,
                    datetime.now(UTC) - timedelta(microseconds=number),
                )
                for number in range(ROWS)
            ],
        )
    yield
    await rows.execute("delete from q_values where agent_type = any($1)", list(AGENTS))
    await rows.execute("delete from sessions where agent_type = any($1)", list(AGENTS))


def order_by(name: str, *, lead: bool, descending: bool) -> Order:
    model: Any = QValue
    key = [model.agent_type, model.q_value_id]
    leads = (model.agent_type,) if lead else ()
    taken = {name, *(attribute.key for attribute in leads)}
    return Order(
        leads,
        getattr(model, name),
        tuple(part for part in key if part.key not in taken),
        descending,
    )


async def test_a_cursor_keeps_what_a_float_and_a_time_are() -> None:
    order = order_by("last_updated", lead=True, descending=False)
    row = {"agent_type": "a;b", "last_updated": datetime.now(UTC), "q_value_id": 2**60}
    assert read_cursor(order, write_cursor(order, row)) == (
        "a;b",
        row["last_updated"],
        2**60,
    )


async def test_the_buttons_lead_through_all_pages(admin: httpx.AsyncClient) -> None:
    url: str | None = (
        f"/admin/q_values/list?agent_type={AGENTS[0]}&pageSize=10&sortBy=session_id&sort=desc"
    )
    seen: list[str] = []
    while url is not None:
        page = (await admin.get(url)).text
        seen += re.findall(r'name="pk"\s+value="([^"]+)"', page)
        following = re.search(r'rel="next"\s+href="([^"]+)"', page)
        url = "/admin/q_values/list" + unescape(following[1]) if following else None
    assert len(seen) == len(set(seen)) == ROWS


async def test_counts_are_exact_where_rows_are_few(admin: httpx.AsyncClient) -> None:
    page = (await admin.get("/admin/q_values/list", params={"agent_type": AGENTS[0]})).text
    assert re.search(rf'class="count"\s*>{ROWS}\s*<', page)
    page = (
        await admin.get(
            "/admin/q_values/list", params={"agent_type": AGENTS[0], "state_data": '{"n": 5}'}
        )
    ).text
    assert re.search(r'class="count"\s*>1\s*<', page)


async def test_counts_of_large_tables_are_estimates_that_say_so(panel: Any) -> None:
    model: Any = QValue
    query = select(model.q_value_id).where(model.agent_type == AGENTS[0])
    async with panel.app.state.engine.connect() as connection:
        large = Count(1_000_000, exact=False)
        whole = await count_rows(connection, query, large, filtered=False, exact=False)
        assert (whole.exact, str(whole)) == (False, "~1.0 M")
        few = await count_rows(connection, query, large, filtered=True, exact=False)
        assert (few.exact, few.rows) == (True, ROWS)
        exact = await count_rows(connection, query, large, filtered=False, exact=True)
        assert (exact.exact, exact.rows) == (True, ROWS)
        assert (await estimated_size(connection, "public.nothing")).rows == 0


# -- files -------------------------------------------------------------------------------------


async def test_csv_holds_the_filtered_rows_and_no_formula(
    admin: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    dangerous = [
        "=HYPERLINK(1)",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\n=1",
        "\r+1",
        'quo"te, and\nline',
        "plain",
    ]
    for name in dangerous:
        await rows.execute(
            "insert into sessions (agent_type, session_name) values ('code-complexity', $1)", name
        )
    answer = await admin.get("/admin/sessions/export/csv?agent_type=code-complexity")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.search(r'filename="sessions_[\d_-]+\.csv"', answer.headers["content-disposition"])
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert {row["agent_type"] for row in found} == {"code-complexity"}
    names = {row["session_name"] for row in found}
    assert names == {f"'{name}" for name in dangerous[:7]} | set(dangerous[7:])
    assert found[0]["metadata"] == "{}"
    await rows.execute("delete from sessions where agent_type = 'code-complexity'")


async def test_json_lines_hold_every_column_exactly(
    admin: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    document = {"n": 0, "text": 'a "b"\\n\n\x01', "list": [1.5, None, {}]}
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
        "values ('code-complexity', 'h', $1, 'a', '1.10')",
        document,
    )
    answer = await admin.get("/admin/q_values/export/json?agent_type=code-complexity")
    (line,) = answer.text.splitlines()
    row = json.loads(line)
    assert row["state_data"] == document
    assert '"action_data":1.10' in line
    assert "td_error" in row
    await rows.execute("delete from q_values where agent_type = 'code-complexity'")


async def test_an_unknown_kind_of_file_is_not_found(admin: httpx.AsyncClient) -> None:
    assert (await admin.get("/admin/q_values/export/xlsx")).status_code == 404


async def test_an_export_that_is_cut_does_not_look_whole(
    panel: Any, rows: asyncpg.Connection
) -> None:
    await rows.execute(
        "insert into sessions (agent_type, session_name, metadata) select 'chaos-engineer', "
        "'cut', jsonb_build_object('filling', repeat(md5(n::text), 500)) "
        "from generate_series(1, 20000) as n"
    )
    token = await panel.token("viewer")
    url = f"{panel.url}/admin/sessions/export/csv?search=cut&agent_type=chaos-engineer"

    async def read() -> None:
        async with (
            httpx.AsyncClient(cookies={SESSION_COOKIE: token}, timeout=60) as client,
            client.stream("GET", url) as answer,
        ):
            answer.raise_for_status()
            async for _ in answer.aiter_raw():
                await rows.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where query like 'COPY%' and pid <> pg_backend_pid()"
                )

    with pytest.raises(httpx.RemoteProtocolError):
        await read()
    await rows.execute("delete from sessions where session_name = 'cut'")


async def test_an_export_is_sorted_as_the_list_is(
    admin: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    url = f"/admin/q_values/export/json?agent_type={AGENTS[0]}&sortBy=q_value&sort=desc"
    lines = (await admin.get(url)).text.splitlines()
    found = [(json.loads(line)["q_value"], json.loads(line)["q_value_id"]) for line in lines]
    assert len(found) == ROWS
    assert found == sorted(found, reverse=True)
