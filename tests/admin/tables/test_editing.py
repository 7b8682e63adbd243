"""What an edit may and may not do to a row."""

import asyncio
import json
import re
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Page, expect

from qlmodels.connection import connect
from tests.support.blocking import waiter_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT, OTHER = "quality-gate", "fleet-commander"


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def pair(rows: asyncpg.Connection) -> Any:
    """The number of a row of q_values that is there for one test."""
    yield await make_pair(rows)
    await rows.execute("delete from q_values where agent_type = any($1)", [AGENT, OTHER])
    await rows.execute("delete from sessions where agent_type = any($1)", [AGENT, OTHER])


async def make_pair(rows: asyncpg.Connection, **values: Any) -> int:
    row = {
        "agent_type": AGENT,
        "state_hash": uuid4().hex,
        "state_data": {"a": [1, {}]},
        "action_hash": "x",
        "action_data": {},
        **values,
    }
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    made: Any = await rows.fetchval(
        f"insert into q_values ({', '.join(row)}) values ({places}) returning q_value_id",
        *row.values(),
    )
    return int(made)


async def stored(rows: asyncpg.Connection, pair: int) -> dict[str, Any]:
    row = await rows.fetchrow("select *, xmin from q_values where q_value_id = $1", pair)
    assert row is not None
    return dict(row)


def address(pair: int, page: str = "edit") -> str:
    return f"/admin/q_values/{page}/{AGENT}%3B{pair}"


# -- nothing changed ---------------------------------------------------------------------------

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30
)
numbers = st.one_of(
    st.integers(-(10**30), 10**30).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=12).map(str),
)
documents = st.recursive(
    st.one_of(texts.map(json.dumps), numbers, st.sampled_from(["true", "false", "null", "1.10"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.dictionaries(texts, inner, max_size=4).map(
            lambda items: (
                "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in items.items()) + "}"
            )
        ),
    ),
    max_leaves=8,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    document=documents,
    extra=st.none() | documents,
    name=st.none() | texts,
    reward=st.floats(allow_nan=False, allow_infinity=False),
    moment=st.datetimes(),
)
async def test_saving_an_untouched_form_writes_nothing(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    read_form: Any,
    document: str,
    extra: str | None,
    name: str | None,
    reward: float,
    moment: Any,
) -> None:
    session = await rows.fetchval(
        "insert into sessions (agent_type, session_name, total_reward, end_time, metadata) "
        "values ($1, $2, $3, $4::timestamp at time zone 'UTC', $5::text::jsonb) "
        "returning session_id",
        AGENT,
        name,
        reward,
        moment,
        extra,
    )
    pair = await rows.fetchval(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
        "values ($1, $2, $3::text::jsonb, 'h', '1') returning q_value_id",
        AGENT,
        uuid4().hex,
        document if document != "null" else "0",
    )
    for table, key in (("sessions", "session_id"), ("q_values", "q_value_id")):
        value = session if table == "sessions" else pair
        before = await rows.fetchrow(f"select xmin, t::text from {table} t where {key} = $1", value)
        url = f"/admin/{table}/edit/{AGENT}%3B{value}"
        form = read_form((await admin.get(url)).text)
        answer = await admin.post(url, data=form)
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].endswith("?note=unchanged")
        after = await rows.fetchrow(f"select xmin, t::text from {table} t where {key} = $1", value)
        assert before == after
    await rows.execute("delete from sessions where session_id = $1", session)
    await rows.execute("delete from q_values where q_value_id = $1", pair)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=documents.filter(lambda text: text != "null"))
async def test_json_is_stored_as_it_was_typed(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    read_form: Any,
    pair: int,
    document: str,
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    answer = await admin.post(address(pair), data={**form, "action_data": document})
    assert answer.status_code == 303, answer.text
    assert await rows.fetchval(
        "select action_data = $2::text::jsonb and action_data::text = $2::text::jsonb::text "
        "from q_values where q_value_id = $1",
        pair,
        document,
    )


@pytest.mark.parametrize(
    "typed",
    [
        '{"a": 1,}',
        "NaN",
        '"\\u0000"',
        '"\\ud800"',
        "1e999999999",
        "1e400000",
        "1e-20000",
        "[" * 50_000,
        "[" * 50_000 + "]" * 50_000,
        "nope",
        "'a'",
        '{"a": 1, "a": 2}',
        '[{"b": {"a": 1, "a": 1}}]',
        "01",
        "1.",
        "+1",
        "[1 2]",
        "{1: 2}",
        "\ufeff1",
        "1" * 140_000,
    ],
    ids=lambda typed: typed[:12],
)
async def test_what_is_no_json_is_an_error_of_the_field(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int, typed: str
) -> None:
    before = await stored(rows, pair)
    form = read_form((await admin.get(address(pair))).text)
    answer = await admin.post(address(pair), data={**form, "state_data": typed})
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    assert re.search(
        'class="error" role="alert">(This is not JSON|Postgres cannot hold)', answer.text
    )
    assert await stored(rows, pair) == before


async def test_null_and_empty_stay_apart(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any
) -> None:
    made = await rows.fetchval(
        "insert into agent_types (agent_type, display_name) values ('x-null', 'x') "
        "returning agent_type"
    )
    url = f"/admin/agent_types/edit/{made}"
    try:
        form = read_form((await admin.get(url)).text)
        assert form["description.null"] == "1"
        del form["description.null"]
        await admin.post(url, data=form)
        assert await description(rows) == ""
        form = read_form((await admin.get(url)).text)
        assert "description.null" not in form
        await admin.post(url, data={**form, "description": "a\r\nb"})
        assert await description(rows) == "a\nb"
        form = read_form((await admin.get(url)).text)
        await admin.post(url, data={**form, "description.null": "1"})
        assert await description(rows) is None
    finally:
        await rows.execute("delete from agent_types where agent_type = 'x-null'")


async def description(rows: asyncpg.Connection) -> str | None:
    found: str | None = await rows.fetchval(
        "select description from agent_types where agent_type = 'x-null'"
    )
    return found


# -- somebody else changed it ------------------------------------------------------------------


@pytest.mark.browser
async def test_a_stale_form_is_refused_and_shows_both_values(
    page: Page, rows: asyncpg.Connection, pair: int
) -> None:
    await page.goto(address(pair))
    await page.locator("#q_value").fill("7.5")
    await page.locator("#td_error").fill("0.25")
    await rows.execute(
        "update q_values set q_value = 42, visit_count = 777777 where q_value_id = $1", pair
    )
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.locator(".problem")).to_contain_text("changed while you edited it")
    clashes = await page.locator(".clash tbody tr").all()
    cells = [await row.locator("th, td").all_inner_texts() for row in clashes]
    assert [[" ".join(text.split()) for text in row[:4]] for row in cells] == [
        ["value", "0", "42", "7.5"],
        ["visits", "1", "777777", "not changed by you"],
    ]
    row = await stored(rows, pair)
    assert (row["q_value"], row["visit_count"], row["td_error"]) == (42, 777777, None)

    await expect(page.locator("#visit_count")).to_have_value("777777")
    await page.get_by_role("button", name="Save my changes").click()  # nothing is chosen yet
    assert (await stored(rows, pair))["q_value"] == 42
    await page.get_by_label("yours").check()
    await page.get_by_role("button", name="Save my changes").click()
    await expect(page.get_by_role("status")).to_have_text("Your changes were saved.")
    row = await stored(rows, pair)
    assert (row["q_value"], row["visit_count"], row["td_error"]) == (7.5, 777777, 0.25)


@pytest.mark.parametrize(("choice", "kept"), [("now", 42), ("yours", 7.5)])
async def test_of_two_values_one_is_chosen(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    read_form: Any,
    pair: int,
    choice: str,
    kept: float,
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    await rows.execute("update q_values set q_value = 42 where q_value_id = $1", pair)
    mine = {**form, "q_value": "7.5", "td_error": "0.25"}
    seen = read_form((await admin.post(address(pair), data=mine)).text)
    asked = {**seen, "_ask": "q_value"}
    unmade = await admin.post(address(pair), data=asked)
    assert unmade.status_code == 422
    assert "Choose which value to save." in unmade.text
    again = {**read_form(unmade.text), "_ask": "q_value", "_choice.q_value": choice}
    assert (await admin.post(address(pair), data=again)).status_code == 303
    row = await stored(rows, pair)
    assert (row["q_value"], row["td_error"]) == (kept, 0.25)


async def test_a_conflict_in_a_document_tells_the_places(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    await rows.execute(
        """update q_values set state_data = '{"a": [1, {"theirs": 2.50}]}' where q_value_id = $1""",
        pair,
    )
    mine = {**form, "state_data": '{"a": [1, {}], "mine": true}'}
    page = (await admin.post(address(pair), data=mine)).text
    assert "<code>state_data.a[1].theirs</code>" in page
    assert "<code>state_data.mine</code>" in page


async def test_agreeing_covers_only_what_was_seen(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    await rows.execute("update q_values set q_value = 1 where q_value_id = $1", pair)
    seen = await admin.post(address(pair), data={**form, "q_value": "5"})
    assert seen.status_code == 409
    again = read_form(seen.text)
    await rows.execute("update q_values set visit_count = 9 where q_value_id = $1", pair)
    await rows.execute("update q_values set q_value = 2 where q_value_id = $1", pair)
    assert (await admin.post(address(pair), data=again)).status_code == 409
    assert (await stored(rows, pair))["q_value"] == 2


async def test_what_a_form_was_opened_with_cannot_be_made_up(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    assert json.loads(form["_base"])["state_data"]
    await rows.execute("update q_values set state_data = '7' where q_value_id = $1", pair)
    made_up = json.dumps({"state_data": '"made up"'})
    seen = await admin.post(address(pair), data={**form, "state_data": "8", "_base": made_up})
    assert seen.status_code == 409
    assert "made up" not in seen.text


async def test_saving_waits_for_who_is_writing_and_then_sees_what_they_wrote(
    admin: httpx.AsyncClient, panel: Any, rows: asyncpg.Connection, pair: int, read_form: Any
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    async with connect(panel.login) as writer:
        async with writer.transaction():
            await writer.execute("update q_values set q_value = 0.5 where q_value_id = $1", pair)
            saving = asyncio.create_task(admin.post(address(pair), data={**form, "q_value": "0.9"}))
            await waiter_of(writer)
        answer = await saving
    assert answer.status_code == 409
    assert (await stored(rows, pair))["q_value"] == 0.5


async def test_a_row_that_is_gone_is_not_written(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    await rows.execute("delete from q_values where q_value_id = $1", pair)
    answer = await admin.post(address(pair), data={**form, "q_value": "5"})
    assert answer.status_code == 404


# -- keys and references -----------------------------------------------------------------------


async def test_agent_type_and_key_cannot_be_changed(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    form = read_form((await admin.get(address(pair))).text)
    assert "agent_type" not in form
    assert "q_value_id" not in form
    moved = {**form, "agent_type": OTHER, "q_value_id": "1", "created_at": "", "q_value": "3"}
    assert (await admin.post(address(pair), data=moved)).status_code == 303
    row = await stored(rows, pair)
    assert (row["agent_type"], row["q_value_id"], row["q_value"]) == (AGENT, pair, 3)


async def test_another_agents_session_cannot_be_chosen(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    theirs = await rows.fetchval(
        "insert into sessions (agent_type) values ($1) returning session_id", OTHER
    )
    form = read_form((await admin.get(address(pair))).text)
    answer = await admin.post(address(pair), data={**form, "session_id": str(theirs)})
    assert answer.status_code == 422
    assert "There is no such row in sessions of this agent type." in answer.text
    for word in ("insert", "fk_q_values", "violates", "DETAIL"):
        assert word not in answer.text
    row = await stored(rows, pair)
    assert (row["agent_type"], row["session_id"]) == (AGENT, None)


async def test_the_generated_column_is_shown_and_not_editable(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any
) -> None:
    state = await rows.fetchval(
        "insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, "
        "current_exploration_rate, current_learning_rate) values ($1, 'g', 8, 2, 0.1, 0.1) "
        "returning state_id",
        AGENT,
    )
    url = f"/admin/agent_states/edit/{AGENT}%3B{state}"
    form = read_form((await admin.get(url)).text)
    assert "success_rate" not in form
    assert (await admin.post(url, data={**form, "successful_tasks": "4"})).status_code == 303
    details = await admin.get(f"/admin/agent_states/details/{AGENT}%3B{state}")
    assert "0.5" in details.text
    await rows.execute("delete from agent_states where state_id = $1", state)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("q_value", "nan", "Input should be a finite number."),
        ("q_value", "abc", "Write a number"),
        ("q_value", "", "Input should be a valid number."),
        ("visit_count", "-1", "Input should be greater than or equal to 0."),
        ("visit_count", "1.5", "Write a whole number."),
        ("visit_count", "99999999999", "Input should be less than or equal to"),
        ("confidence_score", "1.01", "Input should be less than or equal to 1."),
        ("session_id", "xyz", "Write a UUID"),
        ("expires_at", "tomorrow", "Write a time as"),
        ("state_data", "null", "A document is needed here"),
    ],
)
async def test_a_wrong_value_is_an_error_of_its_field(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    read_form: Any,
    pair: int,
    field: str,
    typed: str,
    message: str,
) -> None:
    before = await stored(rows, pair)
    form = read_form((await admin.get(address(pair))).text)
    answer = await admin.post(address(pair), data={**form, field: typed})
    assert answer.status_code == 422
    assert message in answer.text
    assert await stored(rows, pair) == before


async def test_a_pair_that_exists_is_an_error_of_its_field(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, pair: int
) -> None:
    row = await stored(rows, pair)
    form = read_form((await admin.get("/admin/q_values/create")).text)
    answer = await admin.post(
        "/admin/q_values/create",
        data={
            **form,
            "agent_type": AGENT,
            "state_hash": row["state_hash"],
            "action_hash": "x",
            "state_data": "1",
            "action_data": "1",
        },
    )
    assert answer.status_code == 422
    assert "Another row has the same agent_type and state_hash and action_hash" in answer.text


# -- deleting ----------------------------------------------------------------------------------


async def test_deleting_many_is_all_or_nothing(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int
) -> None:
    second = await make_pair(rows)
    keys = [f"{AGENT};{pair}", f"{AGENT};{second}", f"{AGENT};999999999"]
    answer = await admin.post("/admin/q_values/delete", data={"pk": keys, "_confirmed": "1"})
    assert answer.status_code == 404
    assert f"{AGENT};999999999 no longer exists" in answer.text
    assert "none of these 3 rows was deleted" in answer.text
    assert (
        await rows.fetchval(
            "select count(*) from q_values where q_value_id = any($1)", [pair, second]
        )
        == 2
    )
    answer = await admin.post("/admin/q_values/delete", data={"pk": keys[:2], "_confirmed": "1"})
    assert answer.status_code == 303
    assert await rows.fetchval("select count(*) from q_values where agent_type = $1", AGENT) == 0


@pytest.mark.browser
async def test_of_many_one_that_cannot_be_deleted_keeps_all(
    page: Page, rows: asyncpg.Connection, pair: int
) -> None:
    chosen = [AGENT, "quality-analyzer"]
    await page.goto("/admin/agent_types/list?search=quality")
    for name in chosen:
        row = page.locator("table.list tbody tr").filter(has=page.locator(f"a[title='{name}']"))
        await row.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Delete 2 selected").click()
    await page.get_by_role("button", name="Delete 2 rows").click()
    await expect(page.locator(".problem")).to_contain_text(AGENT)
    kept = await rows.fetchval(
        "select count(*) from agent_types where agent_type = any($1)", chosen
    )
    assert kept == 2


@pytest.mark.browser
async def test_an_agent_type_in_use_is_not_deleted(
    page: Page, rows: asyncpg.Connection, pair: int
) -> None:
    await page.goto(f"/admin/agent_types/details/{AGENT}")
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete 1 row").click()
    await expect(page.locator(".problem")).to_contain_text("make the agent type inactive")
    assert await rows.fetchval("select true from agent_types where agent_type = $1", AGENT)


async def test_deleting_asks_first_and_says_what_goes_too(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, pair: int
) -> None:
    session = await rows.fetchval(
        "insert into sessions (agent_type) values ($1) returning session_id", AGENT
    )
    await rows.executemany(
        "insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value) "
        "values ($1, $2, 's', 'a', 1)",
        [(AGENT, session)] * 3,
    )
    answer = await admin.post("/admin/sessions/delete", data={"pk": f"{AGENT};{session}"})
    assert answer.status_code == 200
    assert "3 rows of rewards are deleted with it." in text_of(answer.text)
    assert await rows.fetchval("select true from sessions where session_id = $1", session)
