"""Who changed what: the log as the panel shows it, and former versions brought back."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.values.diff import MISSING, differences_of

from qlmodels.connection import connect
from qlmodels.logins.panel_users import add_user
from tests.support.blocking import waiter_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "coverage-analyzer"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def pair(rows: asyncpg.Connection) -> Any:
    """The number of a row of q_values that is there for one test."""
    number: Any = await rows.fetchval(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
        """values ($1, $2, '{"a": [1.50, {}]}'::text::jsonb, 'x', '1'::text::jsonb) """
        "returning q_value_id",
        AGENT,
        uuid4().hex,
    )
    yield number
    await rows.execute("delete from q_values where agent_type = $1", AGENT)


def address(pair: int, page: str) -> str:
    return f"/admin/q_values/{page}/{AGENT}%3B{pair}"


async def change(admin: httpx.AsyncClient, read_form: Any, pair: int, **values: str) -> None:
    form = read_form((await admin.get(address(pair, "edit"))).text)
    answer = await admin.post(address(pair, "edit"), data={**form, **values})
    assert "?note=saved&undo=" in answer.headers["location"], answer.text


async def stored(rows: asyncpg.Connection, pair: int) -> Any:
    """The row to the byte."""
    return await rows.fetchval("select q::text from q_values q where q_value_id = $1", pair)


async def restores(admin: httpx.AsyncClient, pair: int) -> list[str]:
    """Where the versions of a row can be restored, the newest first."""
    page = (await admin.get(address(pair, "details"))).text
    return re.findall(r"/admin/q_values/restore/\d+", page)


async def searched(client: httpx.AsyncClient, **values: Any) -> str:
    answer = await client.get("/admin/audit_log/list", params=values)
    assert answer.status_code == 200, answer.text
    return answer.text


# -- what is shown -----------------------------------------------------------------------------


async def test_differences_go_by_path() -> None:
    old = {"a": {"b": [1, 2], "c": "x"}, "d": 1, "e": None}
    new = {"a": {"b": [1, 3, 4], "c": "x"}, "e": 1.5, "f": True}
    assert [(part.path, part.old, part.new) for part in differences_of(old, new)] == [
        ("a.b[1]", 2, 3),
        ("a.b[2]", MISSING, 4),
        ("d", 1, MISSING),
        ("e", None, 1.5),
        ("f", MISSING, True),
    ]
    assert differences_of(old, old) == []


@pytest.mark.browser
async def test_a_row_tells_its_history_and_an_old_version_comes_back(
    page: Page, rows: asyncpg.Connection, pair: int
) -> None:
    before = await stored(rows, pair)
    await page.goto(address(pair, "edit"))
    await page.locator("#q_value").fill("2.5")
    await page.locator("#td_error").fill("0.5")
    await page.get_by_role("button", name="Save", exact=True).click()
    history = page.locator("#history")
    await expect(history).to_contain_text("admin changed q_value, td_error")
    await expect(history.locator("tbody tr").first).to_contain_text("2.5")
    await history.get_by_text("created the row").click()
    await history.get_by_role("link", name="restore this version").last.click()
    await expect(page.locator("h1")).to_have_text("Restore this version?")
    assert await stored(rows, pair) != before
    await page.get_by_role("button", name="Restore").click()
    await expect(page.get_by_role("status")).to_have_text("The version was restored.")
    assert await stored(rows, pair) == before
    await expect(history).to_contain_text("restored as of change")


async def test_only_ticked_columns_come_back(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    await change(admin, read_form, pair, q_value="2.5", visit_count="7")
    url = (await restores(admin, pair))[-1]
    form = read_form((await admin.get(url)).text)
    answer = await admin.post(url, data={**form, "column": "visit_count"})
    assert answer.status_code == 303
    row = await rows.fetchrow("select q_value, visit_count from q_values where q_value_id=$1", pair)
    assert row is not None
    assert tuple(row) == (2.5, 1)


async def test_a_deleted_row_comes_back_to_the_byte(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    await change(
        admin,
        read_form,
        pair,
        q_value="0.1",
        extra="null",
        td_error="1e-300",
        state_data='{"n": 123456789012345678901234567890.10, "x": null}',
        expires_at="2030-01-02 03:04:05.123456+00:00",
    )
    before = await stored(rows, pair)
    keys = {"pk": f"{AGENT};{pair}", "_confirmed": "1"}
    assert (await admin.post("/admin/q_values/delete", data=keys)).status_code == 303
    gone = await admin.get(address(pair, "details"))
    assert gone.status_code == 404
    assert "This row was deleted." in gone.text
    url = re.findall(r"/admin/q_values/restore/\d+", gone.text)[0]
    preview = await admin.get(url)
    assert "Restore this deleted row?" in preview.text
    assert (await admin.post(url, data=read_form(preview.text))).status_code == 303
    assert await stored(rows, pair) == before
    again = await admin.get(url)
    assert "The row already equals this version" in again.text


async def test_a_row_that_moved_is_not_overwritten(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    await change(admin, read_form, pair, q_value="2.5")
    url = (await restores(admin, pair))[-1]
    form = read_form((await admin.get(url)).text)
    await rows.execute("update q_values set visit_count = 99 where q_value_id = $1", pair)
    answer = await admin.post(url, data={**form, "column": "q_value"})
    assert answer.status_code == 409
    assert "changed while you looked" in answer.text
    assert "99" in answer.text
    assert await rows.fetchval("select q_value from q_values where q_value_id = $1", pair) == 2.5


async def test_restoring_waits_for_who_is_writing_and_then_sees_what_they_wrote(
    admin: httpx.AsyncClient, panel: Any, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    await change(admin, read_form, pair, q_value="2.5")
    url = (await restores(admin, pair))[-1]
    form = read_form((await admin.get(url)).text)
    async with connect(panel.login) as writer:
        async with writer.transaction():
            await writer.execute("update q_values set q_value = 0.5 where q_value_id = $1", pair)
            restoring = asyncio.create_task(admin.post(url, data={**form, "column": "q_value"}))
            await waiter_of(writer)
        answer = await restoring
    assert answer.status_code == 409
    assert await rows.fetchval("select q_value from q_values where q_value_id = $1", pair) == 0.5


async def test_what_agents_wrote_since_stays(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, panel: Any, read_form: Any, pair: int
) -> None:
    await change(admin, read_form, pair, td_error="0.5")
    await change(admin, read_form, pair, td_error="0.75")
    async with connect(panel.owner) as owner:  # as an agent's write, which the log leaves out
        await owner.execute("alter table q_values disable trigger record_change")
        await owner.execute("update q_values set q_value = 9 where q_value_id = $1", pair)
        await owner.execute("alter table q_values enable trigger record_change")
    url = (await restores(admin, pair))[1]
    form = read_form((await admin.get(url)).text)
    assert (await admin.post(url, data={**form, "column": "td_error"})).status_code == 303
    row = await rows.fetchrow("select q_value, td_error from q_values where q_value_id = $1", pair)
    assert row is not None
    assert tuple(row) == (9, 0.5)


async def test_a_row_of_which_the_log_has_a_part_does_not_come_back(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, panel: Any, read_form: Any, pair: int
) -> None:
    """It was made by an agent, changed here, and deleted by retention."""
    async with connect(panel.owner) as owner:
        await owner.execute("alter table q_values disable trigger record_change")
        number = await owner.fetchval(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
            " values ($1, 'agents', '1', 'x', '1') returning q_value_id",
            AGENT,
        )
        assert number is not None
        await owner.execute("alter table q_values enable trigger record_change")
        await change(admin, read_form, number, q_value="2.5")
        await owner.execute("alter table q_values disable trigger record_change")
        await owner.execute("delete from q_values where q_value_id = $1", number)
        await owner.execute("alter table q_values enable trigger record_change")
    url = re.findall(
        r"/admin/q_values/restore/\d+", (await admin.get(address(number, "details"))).text
    )[0]
    shown = await admin.get(url)
    assert shown.status_code == 409
    answer = await admin.post(url, data={**read_form(shown.text), "column": "q_value"})
    assert answer.status_code == 409
    assert "the log does not hold the whole of it" in " ".join(answer.text.split())
    assert await rows.fetchval("select count(*) from q_values where q_value_id = $1", number) == 0


async def test_a_version_that_cannot_stand_is_refused_in_words(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    session = await rows.fetchval(
        "insert into sessions (agent_type) values ($1) returning session_id", AGENT
    )
    await change(admin, read_form, pair, session_id=str(session))
    await change(admin, read_form, pair, session_id="")
    url = (await restores(admin, pair))[1]
    await rows.execute("delete from sessions where session_id = $1", session)
    form = read_form((await admin.get(url)).text)
    answer = await admin.post(url, data={**form, "column": "session_id"})
    assert answer.status_code == 422
    assert "There is no such row in sessions of this agent type." in answer.text


@pytest.mark.parametrize("entry", ["0", "999999999", "9" * 30, "x", "-1", "1.5"])
async def test_no_version_is_not_found(admin: httpx.AsyncClient, entry: str) -> None:
    for method in ("GET", "POST"):
        answer = await admin.request(method, f"/admin/q_values/restore/{entry}")
        assert answer.status_code == 404


async def test_a_version_of_another_table_is_not_found(admin: httpx.AsyncClient, pair: int) -> None:
    number = (await restores(admin, pair))[0].rpartition("/")[2]
    assert (await admin.get(f"/admin/sessions/restore/{number}")).status_code == 404
    assert (await admin.get(f"/admin/audit_log/restore/{number}")).status_code in {403, 404}


# -- searching ---------------------------------------------------------------------------------


async def test_the_log_is_searched_by_who_table_row_time_and_operation(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    await change(admin, read_form, pair, q_value="2.5")
    key = f"{AGENT};{pair}"
    for values in (
        {"who": "admin"},
        {"table": "q_values"},
        {"operation": "update"},
        {"row": f'{{"q_value_id": {pair}}}'},
        {"time": "1 hour"},
        {"time": "2020-01-01.."},
        {"search": key},
        {"search": str(pair)},
        {"search": "admin"},
        {"search": AGENT},
    ):
        assert f">{key}</a>" in await searched(admin, **values), values
    for values in (
        {"who": "nobody"},
        {"table": "sessions"},
        {"operation": "truncate"},
        {"row": '{"q_value_id": -1}'},
        {"time": "..2020-01-01"},
        {"search": f"{AGENT};-1"},
        {"transaction": "1"},
    ):
        assert f">{key}</a>" not in await searched(admin, **values), values


@pytest.mark.parametrize(
    "query",
    [
        "time=x",
        "time=..x",
        "time=0001-01-01T00:00%2B14:00..",
        "row=x",
        "row=%7B",
        "who=%00",
        "search=%00",
        "transaction=x",
        "operation=x",
        "search=%ff%fe",
        "after=abc",
    ],
)
async def test_a_malformed_search_is_explained(admin: httpx.AsyncClient, query: str) -> None:
    answer = await admin.get(f"/admin/audit_log/list?{query}")
    assert answer.status_code in {200, 422}, answer.text


async def test_changes_of_a_table_of_ones_own_are_found(
    admin: httpx.AsyncClient, panel: Any
) -> None:
    async with connect(panel.owner) as owner:
        await owner.execute(
            "insert into qlmodels_private.audit_log (changed_at, transaction_id, login, operation, "
            "table_name, row_key) values (now(), 1, 'owner', 'insert', 'gadgets', $1)",
            '{"name": "sonic"}',
        )
    assert "sonic" in await searched(admin, table="gadgets")


async def test_changes_of_users_are_for_admins(panel: Any) -> None:
    async with connect(panel.owner) as owner:
        await add_user(owner, "watched", "viewer")
        entry = await owner.fetchval("select max(entry_id) from qlmodels_private.audit_log")
        await owner.execute("delete from qlmodels_admin.users where name = 'watched'")
    for role in ("viewer", "editor", "admin"):
        async with await panel.client(role) as client:
            listed = await searched(client, table="qlmodels_admin.users")
            assert ("watched" in listed) == (role == "admin")
            exported = await client.get("/admin/audit_log/export/csv")
            assert ("watched" in exported.text) == (role == "admin")
            details = await client.get(f"/admin/audit_log/details/{entry}")
            assert details.status_code == (200 if role == "admin" else 404)


async def test_nobody_edits_the_log_by_the_panel(admin: httpx.AsyncClient) -> None:
    for method, route in (
        ("GET", "create"),
        ("POST", "create"),
        ("GET", "edit/1"),
        ("POST", "edit/1"),
        ("POST", "delete"),
        ("POST", "restore/1"),
    ):
        answer = await admin.request(
            method, f"/admin/audit_log/{route}", data={"pk": "1"} if method == "POST" else None
        )
        assert answer.status_code == 403, (method, route)
