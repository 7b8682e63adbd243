"""Changes taken back: one, a transaction's or an action's, and never over somebody else's."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin.history import undo as undoing

from qlmodels.connection import connect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "chaos-engineer"
SESSION = "00000000-0000-4000-8000-0000000000f1"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def pair(rows: asyncpg.Connection) -> AsyncIterator[int]:
    number: Any = await rows.fetchval(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value) values ($1, $2, $3, 'x', '[1.50]', 0.25) returning q_value_id",
        AGENT,
        uuid4().hex,
        {"a": [1.5, {}]},
    )
    yield number
    for table in ("q_values", "sessions"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


VALUE = "select q_value from q_values where q_value_id = $1"


def address(pair: int, page: str) -> str:
    return f"/admin/q_values/{page}/{AGENT}%3B{pair}"


async def stored(rows: asyncpg.Connection, pair: int) -> Any:
    """The row to the byte, but for when it was changed."""
    return await rows.fetchval("select q::text from q_values q where q_value_id = $1", pair)


async def changed(client: httpx.AsyncClient, read_form: Any, pair: int, **values: str) -> str:
    """Change a pair by its form: where that may be undone."""
    form = read_form((await client.get(address(pair, "edit"))).text)
    answer = await client.post(address(pair, "edit"), data={**form, **values})
    return undo_of(answer)


def undo_of(answer: httpx.Response) -> str:
    found = re.search(r"undo=(\d+)$", answer.headers["location"])
    assert found, answer.headers["location"]
    return f"/admin/undo?transaction={found[1]}"


async def test_an_edit_is_undone_and_redone_to_the_byte(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    before = await stored(rows, pair)
    undo = await changed(admin, read_form, pair, q_value="0.9", extra='{"n": 1.10}')
    after = await stored(rows, pair)
    answer = await admin.post(undo)
    assert answer.headers["location"].startswith(f"{address(pair, 'details')}?note=undone")
    assert await stored(rows, pair) == before
    await admin.post(undo_of(answer))
    assert await stored(rows, pair) == after
    notes = await rows.fetch(
        "select panel_user, note from qlmodels_private.audit_log where table_name = 'q_values' "
        "and row_key @> $1 order by entry_id",
        {"q_value_id": pair},
    )
    assert [row["panel_user"] for row in notes[1:]] == ["admin"] * 3
    assert notes[2]["note"] == f"undid transaction {undo.rpartition('=')[2]}"


async def test_what_was_written_since_is_kept_unless_somebody_insists(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    undo = await changed(admin, read_form, pair, q_value="0.9")
    await rows.execute("update q_values set q_value = 0.5 where q_value_id = $1", pair)
    refused = await admin.post(undo)
    assert refused.status_code == 409
    assert "q_value was 0.9 after the change, and is 0.5." in refused.text
    assert "Undo anyway" in refused.text
    assert await rows.fetchval(VALUE, pair) == 0.5
    answer = await admin.post(undo, data={"_confirmed": "1", "_anyway": "1"})
    assert answer.status_code == 303
    assert await rows.fetchval(VALUE, pair) == 0.25


async def test_a_change_of_another_column_is_no_hindrance(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    undo = await changed(admin, read_form, pair, q_value="0.9")
    await rows.execute("update q_values set visit_count = 7 where q_value_id = $1", pair)
    assert (await admin.post(undo)).status_code == 303
    found = await rows.fetchrow(
        "select q_value, visit_count from q_values where q_value_id = $1", pair
    )
    assert tuple(found or ()) == (0.25, 7)


async def test_deleted_rows_come_back_together_or_not_at_all(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int
) -> None:
    """A session, the episodes that go with it, and the pairs that forget it."""
    await rows.execute(
        "insert into sessions (agent_type, session_id, session_name) values ($1, $2, 'one')",
        AGENT,
        SESSION,
    )
    await rows.execute("update q_values set session_id = $2 where q_value_id = $1", pair, SESSION)
    await rows.execute(
        "insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, "
        "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
        "execution_time_ms, success, started_at, completed_at) select $1, $2, 't', '{}', '{}', "
        "'[]', '[]', '[]', 1, 1, 1, true, now(), now() from generate_series(1, 3)",
        AGENT,
        SESSION,
    )
    everything = (
        "select array_agg(t::text order by trajectory_id) || array(select s::text from sessions s "
        "where agent_type = $1) || array(select q::text from q_values q where agent_type = $1) "
        "from trajectories t where agent_type = $1"
    )
    before = await rows.fetchval(everything, AGENT)
    confirmed = {"pk": f"{AGENT};{SESSION}", "_confirmed": "1"}
    undo = undo_of(await admin.post("/admin/sessions/delete", data=confirmed))
    assert (
        await rows.fetchval("select count(*) from trajectories where agent_type = $1", AGENT) == 0
    )
    preview = (await admin.get(undo)).text
    assert "Undo these 5 changes?" in preview
    assert "comes back" in preview
    answer = await admin.post(undo)
    assert answer.status_code == 303
    assert await rows.fetchval(everything, AGENT) == before
    again = await admin.post(undo)
    assert again.status_code == 409
    assert "such a row is there again" in again.text
    assert "Undo anyway" not in again.text


async def test_a_new_row_goes_unless_rows_belong_to_it(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    form = read_form((await admin.get("/admin/sessions/create")).text)
    undo = undo_of(
        await admin.post(
            "/admin/sessions/create", data={**form, "agent_type": AGENT, "session_id": SESSION}
        )
    )
    await rows.execute(
        "insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value, "
        "reward_type) values ($1, $2, 's', 'a', 1, 'immediate')",
        AGENT,
        SESSION,
    )
    refused = await admin.post(undo, data={"_confirmed": "1", "_anyway": "1"})
    assert refused.status_code == 409
    assert "rows of rewards belong to it by now" in refused.text
    await rows.execute("update sessions set session_name = 'moved' where session_id = $1", SESSION)
    refused = await admin.post(undo, data={"_confirmed": "1"})
    assert refused.status_code == 409
    assert "rows of rewards belong to it by now" in refused.text
    assert "Undo anyway" not in refused.text
    await rows.execute("update sessions set session_name = null where session_id = $1", SESSION)
    await rows.execute("delete from rewards where agent_type = $1", AGENT)
    assert (await admin.post(undo)).status_code == 303
    assert await rows.fetchval("select count(*) from sessions where agent_type = $1", AGENT) == 0


async def test_an_action_is_undone_whole(
    admin: httpx.AsyncClient, panel: Any, rows: asyncpg.Connection, pair: int
) -> None:
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "expires_at) select $1, n::text, '{}', 'x', '1', now() + n * interval '1 day' "
        "from generate_series(1, 602) as n",
        AGENT,
    )
    digest = (
        "select md5(string_agg(q_value_id || ' ' || expires_at, ',' order by q_value_id)) "
        "from q_values where agent_type = $1"
    )
    before = await rows.fetchval(digest, AGENT)
    asked = await admin.post(
        f"/admin/q_values/act/expiry?agent_type={AGENT}", data={"expires_at": "2031-01-01 00:00:00"}
    )
    run = asked.headers["location"]
    await admin.post(f"{run}/start")
    await asyncio.gather(*panel.app.state.admin.runner._tasks.values())
    page = (await admin.get(run)).text
    undo = re.search(r'href="(/admin/undo\?run=[^"]+)"', page)
    assert undo
    assert await rows.fetchval(digest, AGENT) != before
    assert "Undo these 603 changes?" in (await admin.get(undo[1])).text
    assert (await admin.post(undo[1])).status_code == 303
    assert await rows.fetchval(digest, AGENT) == before


async def test_an_action_is_of_who_asked_for_it_and_since_then(
    admin: httpx.AsyncClient, panel: Any, rows: asyncpg.Connection, pair: int
) -> None:
    """Changes under its name by others, or from before it was asked for, are none of it."""
    url = f"/admin/q_values/act/expiry?agent_type={AGENT}"
    asked = await admin.post(url, data={"expires_at": "2031-01-01 00:00:00"})
    run = asked.headers["location"]
    await admin.post(f"{run}/start")
    await asyncio.gather(*panel.app.state.admin.runner._tasks.values())
    number = run.rpartition("/")[2]
    async with connect(panel.login) as login, login.transaction():
        for name, setting in (("user", "editor"), ("note", f"action expiry, run {number}")):
            await login.execute("select set_config($1, $2, true)", f"app.panel_{name}", setting)
        await login.execute("update q_values set q_value = 9 where q_value_id = $1", pair)
    undo = f"/admin/undo?run={number}"
    assert "Undo this change?" in (await admin.get(undo)).text
    assert (await admin.post(undo)).status_code == 303
    assert await rows.fetchval(VALUE, pair) == 9
    async with connect(panel.owner) as owner:
        await owner.execute(
            "update qlmodels_admin.action_runs set created_at = now() where run_id = $1", number
        )
    assert (await admin.get(undo)).status_code == 404


async def test_nobody_undoes_by_a_link_what_another_did(
    admin: httpx.AsyncClient, panel: Any, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    """The notice's button acts at once on changes of one's own alone; others are shown first."""
    undo = await changed(admin, read_form, pair, q_value="0.9")
    async with await panel.client("editor") as editor:
        shown = await editor.post(undo)
        assert "Undo this change?" in shown.text
        assert await rows.fetchval(VALUE, pair) == 0.9
        assert (await editor.post(undo, data={"_confirmed": "1"})).status_code == 303
    assert await rows.fetchval(VALUE, pair) == 0.25


async def transaction_of(panel: Any, pair: int, *users: str, also: str = "select 1") -> str:
    """Change a pair once for each of `users`, in one transaction: where that may be undone."""
    async with connect(panel.login) as login, login.transaction():
        for place, user in enumerate(users, 1):
            await login.execute("select set_config('app.panel_user', $1, true)", user)
            await login.execute(
                "update q_values set visit_count = $2 where q_value_id = $1", pair, 100 + place
            )
        await login.execute(also)
        number = await login.fetchval("select pg_current_xact_id()::text")
    return f"/admin/undo?transaction={number}"


@pytest.mark.parametrize("users", [("editor", "admin"), ("admin", "editor")])
async def test_a_transaction_for_two_people_is_shown_to_both_before_it_is_undone(
    panel: Any, rows: asyncpg.Connection, pair: int, users: tuple[str, str]
) -> None:
    undo = await transaction_of(panel, pair, *users)
    async with await panel.client("editor") as editor:
        shown = await editor.post(undo)
        assert shown.status_code == 200
        assert "Undo these 2 changes?" in shown.text
    visits = "select visit_count from q_values where q_value_id = $1"
    assert await rows.fetchval(visits, pair) == 102


async def test_a_transaction_with_a_change_that_is_for_admins_is_not_found(
    panel: Any, admin: httpx.AsyncClient, pair: int
) -> None:
    users = "update qlmodels_admin.users set password_hash = {} where name = 'viewer';"
    there_and_back = users.format("password_hash || 'x'") + users.format("left(password_hash, -1)")
    undo = await transaction_of(panel, pair, "editor", also=there_and_back)
    async with await panel.client("editor") as editor:
        for method in ("GET", "POST"):
            assert (await editor.request(method, undo)).status_code == 404
    assert (await admin.get(undo)).status_code == 422  # users are not changed here


async def test_a_new_row_that_was_changed_since_is_kept(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    form = read_form((await admin.get("/admin/sessions/create")).text)
    made = {**form, "agent_type": AGENT, "session_id": SESSION}
    undo = undo_of(await admin.post("/admin/sessions/create", data=made))
    await rows.execute("update sessions set session_name = 'two' where session_id = $1", SESSION)
    refused = await admin.post(undo)
    assert refused.status_code == 409
    assert "session_name was null after the change, and is two." in refused.text
    names = "select session_name from sessions where session_id = $1"
    assert await rows.fetchval(names, SESSION) == "two"
    assert (await admin.post(undo, data={"_confirmed": "1", "_anyway": "1"})).status_code == 303
    assert await rows.fetchval(names, SESSION) is None


@pytest.mark.parametrize(("most", "status", "visits"), [(3, 303, 1), (2, 422, 103)])
async def test_so_many_changes_are_undone_at_once_and_no_more(
    admin: httpx.AsyncClient,
    panel: Any,
    rows: asyncpg.Connection,
    pair: int,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    status: int,
    visits: int,
) -> None:
    monkeypatch.setattr(undoing, "MAX_UNDONE_ROWS", most)
    undo = await transaction_of(panel, pair, "admin", "admin", "admin")
    answer = await admin.post(undo, data={"_confirmed": "1"})
    assert answer.status_code == status, answer.text
    count = "select visit_count from q_values where q_value_id = $1"
    assert await rows.fetchval(count, pair) == visits


@pytest.mark.parametrize(
    "query", ["", "change=0", "change=x", "change=99999999999999999999", "run=1", "transaction=-1"]
)
async def test_what_is_not_there_is_not_found(admin: httpx.AsyncClient, query: str) -> None:
    assert (await admin.get(f"/admin/undo?{query}")).status_code == 404


async def test_roles(panel: Any, admin: httpx.AsyncClient, pair: int, read_form: Any) -> None:
    """Editors may not delete, so they cannot undo a creation; users are not changed here."""
    form = read_form((await admin.get("/admin/sessions/create")).text)
    made = undo_of(await admin.post("/admin/sessions/create", data={**form, "agent_type": AGENT}))
    async with await panel.client("editor") as editor:
        assert "may not delete rows of sessions" in (await editor.get(made)).text
    async with await panel.client("viewer") as viewer:
        assert (await viewer.get(made)).status_code == 403
        details = (await viewer.get(address(pair, "details"))).text
        assert "/admin/undo" not in details
