"""Columns of every type in forms: saved unchanged they are unchanged, and arrays can be edited."""

import enum
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import TableView, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.tables.actions import SetValues
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Enum,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import INET, INT4RANGE, JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase

from qlmodels.connection import connect
from tests.admin.conftest import ORIGIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


class Base(DeclarativeBase):
    pass


class Colour(enum.Enum):
    red = 1
    blue = 2


MOMENT = DateTime(timezone=True)
UUID_A = "11111111-1111-4111-8111-111111111111"

TYPES: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "integers": (ARRAY(Integer), "integer[]", ("{1,2,3}", "{}", "{{1,2},{3,NULL}}", "[5:6]={1,2}")),
    "smalls": (ARRAY(SmallInteger), "smallint[]", ("{-32768,NULL}",)),
    "bigs": (ARRAY(BigInteger), "bigint[]", ("{9223372036854775807}",)),
    "doubles": (ARRAY(Double), "double precision[]", ("{0.1,NaN,Infinity,1e-300,NULL}",)),
    "numerics": (ARRAY(Numeric), "numeric[]", ("{1.10,123456789012345678901234567890.5,NaN}",)),
    "flags": (ARRAY(Boolean), "boolean[]", ("{t,f,NULL}",)),
    "texts": (ARRAY(Text), "text[]", ('{a,"b\\"c","", NULL,"NULL","x\ny"}', "{{a},{b}}")),
    "shorts": (ARRAY(String(5)), "varchar(5)[]", ("{abcde}",)),
    "uuids": (ARRAY(Uuid), "uuid[]", (f"{{{UUID_A},NULL}}",)),
    "dates": (ARRAY(Date), "date[]", ("{2030-01-31,0001-01-01}",)),
    "moments": (ARRAY(MOMENT), "timestamptz[]", ('{"2030-01-31 13:45:00.123456+00",NULL}',)),
    "locals": (ARRAY(DateTime), "timestamp[]", ('{"2030-01-31 13:45:00.5"}',)),
    "documents": (
        ARRAY(JSONB),
        "jsonb[]",
        ('{"{\\"a\\": 1.10}",NULL,"null","[1, 2]","\\"x\\""}', '{"{\\"a\\": [1]}",NULL}'),
    ),
    "lists": (ARRAY(JSONB, dimensions=1), "jsonb[]", ('{"[1, [2]]",NULL,"3"}',)),
    "intervals": (ARRAY(Interval), "interval[]", ('{"1 year 2 mons","00:00:01"}',)),
    "colours": (ARRAY(Enum(Colour, name="colour")), "colour[]", ("{red,blue}",)),
    "document": (JSONB, "jsonb", ("{}", "null")),
    "plain_json": (JSON, "json", ('{"a":  1}',)),
    "maybe": (Boolean, "boolean", ("t", "f")),
    "number": (Numeric, "numeric", ("1.10", "1e50", "NaN", "0.000000000000000001")),
    "day": (Date, "date", ("2030-01-31",)),
    "noon": (Time, "time", ("12:00:01.5",)),
    "local": (DateTime, "timestamp", ("2030-01-31 13:45:00", "2030-01-31 13:45:00.123456")),
    "span": (Interval, "interval", ("1 year 2 mons", "-00:00:01.5")),
    "colour": (Enum(Colour, name="colour"), "colour", ("red",)),
    "bytes": (LargeBinary, "bytea", ("\\x00ff", "\\x")),
    "address": (INET, "inet", ("192.0.2.0/24",)),
    "span_of": (INT4RANGE, "int4range", ("[1,5)", "empty")),
    "words": (TSVECTOR, "tsvector", ("'a':1 'b':2",)),
}
"""Of each column: its type, how Postgres calls it, and values as Postgres writes them."""

Specimen = type(
    "Specimen",
    (Base,),
    {
        "__tablename__": "specimens",
        "name": Column(Text, primary_key=True),
        **{name: Column(name, kind) for name, (kind, _, _) in TYPES.items()},
    },
)

CASES = [(name, value) for name, (_, _, values) in TYPES.items() for value in values]


class SpecimenView(TableView, model=Specimen):
    column_list = ("name",)
    create_fields = ("name", *TYPES)
    edit_fields = tuple(TYPES)
    actions = (
        SetValues(name="document", label="Set…", asks=["document"]),
        SetValues(name="documents", label="Set…", asks=["documents"]),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    columns = ", ".join(f"{name} {kind}" for name, (_, kind, _) in TYPES.items())
    async with connect(panel.owner) as owner:
        await owner.execute("create type colour as enum ('red', 'blue')")
        await owner.execute(f"create table specimens (name text primary key, {columns})")
        await owner.execute("grant all on specimens to qlmodels_panel")
    app = create_app(panel.login, background=False, views=[SpecimenView])
    async with app.state.engine.begin() as connection:
        token = await sessions.begin(connection, "admin")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies={SESSION_COOKIE: token},
        headers=ORIGIN,
    ) as client:
        yield client
    await close_app(app)
    async with connect(panel.owner) as owner:
        await owner.execute("drop table specimens; drop type colour")


@pytest_asyncio.fixture(loop_scope="session")
async def row(admin: httpx.AsyncClient, rows: asyncpg.Connection) -> AsyncIterator[None]:
    await rows.execute("insert into specimens (name) values ('a')")
    yield
    await rows.execute("delete from specimens")


EDIT = "/admin/specimens/edit/a"
WHOLE = "select specimens::text from specimens where name = 'a'"


async def put(rows: asyncpg.Connection, name: str, value: str | None) -> None:
    kind = TYPES[name][1]
    await rows.execute(f"update specimens set {name} = cast(cast($1 as text) as {kind})", value)


async def held(rows: asyncpg.Connection, name: str) -> Any:
    return await rows.fetchval(f"select {name}::text from specimens")


@pytest.mark.parametrize(("name", "value"), CASES, ids=str)
async def test_what_is_saved_as_it_was_opened_is_unchanged(
    admin: httpx.AsyncClient,
    rows: asyncpg.Connection,
    row: None,
    read_form: Any,
    name: str,
    value: str,
) -> None:
    await put(rows, name, value)
    before = await rows.fetchval(WHOLE)
    form = read_form((await admin.get(EDIT)).text)
    answer = await admin.post(EDIT, data=form)
    assert answer.status_code == 303, answer.text
    assert "note=unchanged" in answer.headers["location"]
    assert await rows.fetchval(WHOLE) == before
    # nor does a change beside it touch it
    other = "texts" if name != "texts" else "integers"
    typed = '["z"]' if other == "texts" else "[7]"
    answer = await admin.post(EDIT, data={**form, other: typed})
    assert answer.status_code == 303, answer.text
    assert await held(rows, other) == typed.replace("[", "{").replace("]", "}").replace('"', "")
    await put(rows, other, None)
    assert await rows.fetchval(WHOLE) == before


TYPED: dict[str, dict[str, str | None]] = {
    "integers": {
        "[]": "{}",
        "": None,
        "[1, null]": "{1,NULL}",
        "[[1, 2], [3, 4]]": "{{1,2},{3,4}}",
        "[null]": "{NULL}",
        "[-2147483648]": "{-2147483648}",
    },
    "doubles": {'[0.1, "NaN", 1]': "{0.1,NaN,1}"},
    "numerics": {"[1.10, 1e30]": "{1.10,1000000000000000000000000000000}"},
    "flags": {"[true, null]": "{t,NULL}"},
    "texts": {'["a", "", null, "null"]': '{a,"",NULL,"null"}', '[["a"], ["b"]]': "{{a},{b}}"},
    "shorts": {'["abcde"]': "{abcde}"},
    "uuids": {f'["{UUID_A}"]': f"{{{UUID_A}}}"},
    "dates": {'["2030-01-31"]': "{2030-01-31}"},
    "moments": {'["2030-01-31 13:45:00+02:00"]': '{"2030-01-31 11:45:00+00"}'},
    "locals": {'["2030-01-31T13:45:00.5"]': '{"2030-01-31 13:45:00.5"}'},
    "documents": {'[{"a": 1.10}, null, 5]': '{"{\\"a\\": 1.10}",NULL,5}'},
    "lists": {"[[1, [2]], null]": '{"[1, [2]]",NULL}'},
    "document": {"": None, "null": "null", "{}": "{}"},
    "plain_json": {"": None},
    "maybe": {"": None, "true": "true", "false": "false"},
    "number": {"1.10": "1.10", "": None},
    "day": {"2030-01-31": "2030-01-31"},
    "noon": {"12:00:01.5": "12:00:01.5"},
    "local": {"2030-01-31 13:45": "2030-01-31 13:45:00"},
    "colour": {"blue": "blue"},
}


@pytest.mark.parametrize("name", TYPED)
async def test_what_is_typed_is_stored(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, row: None, read_form: Any, name: str
) -> None:
    await rows.execute("set time zone 'UTC'")
    for typed, stored in TYPED[name].items():
        await put(rows, name, TYPES[name][2][0])
        form = read_form((await admin.get(EDIT)).text)
        answer = await admin.post(EDIT, data={**form, name: typed})
        assert answer.status_code == 303, answer.text
        assert await held(rows, name) == stored
        made = await admin.post(
            "/admin/specimens/create", data={"name": "b", name: typed, "shorts.null": "1"}
        )
        assert made.status_code == 303, made.text
        found = await rows.fetchval(f"select {name}::text from specimens where name = 'b'")
        assert found == stored
        await rows.execute("delete from specimens where name = 'b'")


REFUSED = {
    "integers": [
        "1",
        "{x}",
        "[1.5]",
        "[2147483648]",
        "[true]",
        "[[1], 2]",
        "[[1], [2, 3]]",
        "[[]]",
        "[[[[[[[1]]]]]]]",
        "[" * 200 + "]" * 200,
    ],
    "texts": ["[1]", '["\\u0000"]', '["\\ud800"]', '{"a": 1}', '["a", ["b"]]'],
    "shorts": ['["abcdef"]'],
    "doubles": ["[1e400]", '["x"]'],
    "flags": ['["perhaps"]'],
    "uuids": ['["x"]'],
    "dates": ['["2030-02-31"]', "[1]"],
    "moments": ['["soon"]'],
    "locals": ['["2030-01-31 13:45:00+02:00"]'],
    "documents": [
        '[{"a": "\\u0000"}]',
        '[{"\\ud800": 1}]',
        '[{"a": 1, "a": 2}]',
        "(not editable) []",
    ],
    "number": ["x", "1 2"],
    "noon": ["25:00"],
    "maybe": ["perhaps"],
    "day": ["2030-02-31", "someday"],
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_the_column_cannot_hold_is_an_error_of_its_field(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, row: None, read_form: Any, name: str
) -> None:
    before = await rows.fetchval(WHOLE)
    form = read_form((await admin.get(EDIT)).text)
    for typed in REFUSED[name]:
        answer = await admin.post(EDIT, data={**form, name: typed})
        assert answer.status_code == 422, (typed, answer.text)
        assert 'class="error"' in answer.text
    assert await rows.fetchval(WHOLE) == before


async def test_what_cannot_be_edited_is_shown_and_never_written(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, row: None, read_form: Any
) -> None:
    await put(rows, "words", "'shown':1")
    page = (await admin.get(EDIT)).text
    assert "shown" in page
    assert "Not edited here: Postgres makes it from a text." in page
    form = read_form(page)
    answer = await admin.post(EDIT, data={**form, "words": "'forged':1"})
    assert "note=unchanged" in answer.headers["location"]
    answer = await admin.post(EDIT, data={**form, "integers": "x"})
    assert answer.status_code == 422
    assert "shown" in answer.text


async def test_an_action_that_sets_nothing_sets_null(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, row: None
) -> None:
    for name, typed, stored in (
        ("document", "", None),
        ("document", "null", "null"),
        ("documents", "", None),
        ("documents", "[null, 1]", "{NULL,1}"),
    ):
        await put(rows, name, TYPES[name][2][0])
        posted = {name: typed, "also": "ignored"}
        asked = await admin.post(f"/admin/specimens/act/{name}", data=posted)
        assert asked.status_code == 303, asked.text
        run = asked.headers["location"]
        assert (await admin.get(run)).status_code == 200
        await admin.post(f"{run}/start")
        for _ in range(200):
            if (await admin.get(f"{run}/progress")).json()["status"] == "finished":
                break
        assert await held(rows, name) == stored


# -- our own tables ----------------------------------------------------------------------------


async def test_a_blank_document_is_null(
    panel: Any, rows: asyncpg.Connection, read_form: Any
) -> None:
    url = "/admin/agent_types/edit/quality-gate"
    null = "select metadata is null from agent_types where agent_type = 'quality-gate'"
    async with await panel.client("editor") as client:
        before = read_form((await client.get(url)).text)
        assert (await client.post(url, data={**before, "extra": ""})).status_code == 303
        assert await rows.fetchval(null)
        form = read_form((await client.get(url)).text)
        assert (await client.post(url, data={**form, "extra": "null"})).status_code == 303
        assert not await rows.fetchval(null)
        form = read_form((await client.get(url)).text)
        assert (await client.post(url, data={**form, "extra": before["extra"]})).status_code == 303


# -- NUL ---------------------------------------------------------------------------------------


DOCUMENTS = {
    "extra",
    "state_data",
    "action_data",
    "pattern_data",
    "trigger_conditions",
    "expected_outcome",
    "initial_state",
    "final_state",
    "actions_taken",
    "states_visited",
    "step_rewards",
}


async def test_nul_is_refused_wherever_it_stands(
    panel: Any, rows: asyncpg.Connection, read_form: Any
) -> None:
    """In each field of each form, in each parameter, and in keys."""
    async with await panel.client("admin") as client:
        for url in (
            "agent_types/edit/quality-gate",
            "agent_types/create",
            "sessions/create",
            "q_values/create",
            "patterns/create",
            "rewards/create",
            "trajectories/create",
            "agent_states/create",
            "agent_types/act/active",
        ):
            form = read_form((await client.get(f"/admin/{url}")).text)
            for name in form:
                posted = {**form, name: "a\x00b"}
                posted.pop(f"{name}.null", None)
                answer = await client.post(f"/admin/{url}", data=posted)
                if name == "is_active" and answer.status_code == 303:  # ticked, as it was
                    assert "note=unchanged" in answer.headers["location"]
                    continue
                assert answer.status_code in {403, 422}, (url, name)
                told = "NUL" in answer.text or "Not a valid choice" in answer.text
                assert answer.status_code == 403 or told
                if name in DOCUMENTS:
                    posted = {**form, name: '{"a": "\\u0000"}'}
                    answer = await client.post(f"/admin/{url}", data=posted)
                    assert answer.status_code == 422
                    assert "NUL" in answer.text
            answer = await client.post(f"/admin/{url}", data={**form, "a\x00": "b"})
            assert answer.status_code == 422
        for url in (
            "q_values/list",
            "q_values/export/csv",
            "search",
            "curves",
            "policy",
            "fleet",
            "trajectory",
            "isolation",
            "database",
            "effectiveness",
            "audit_log/list",
            "undo",
            "agent_types/act/active",
            "q_values/create",
        ):
            for name in ("agent_type", "search", "q", "id", "state", "instance", "sortBy", "note"):
                answer = await client.get(f"/admin/{url}?{name}=a%00b")
                assert answer.status_code == 422
                assert "NUL" in answer.text
        for url in (
            "q_values/delete",
            "undo?change=1",
            "policy/keep",
            "policy/restore",
            "account",
            "audit_log/delete",
            "agent_types/restore/1",
            "login",
            "sign-in",
        ):
            for name in ("pk", "note", "agent_type", "version", "column", "old", "new", "username"):
                answer = await client.post(f"/admin/{url}", data={name: "a\x00b"})
                assert 400 <= answer.status_code < 500, (url, name)
        surrogates = "multipart/form-data; boundary=x; charset=raw_unicode_escape"
        body = b'--x\r\nContent-Disposition: form-data; name="display_name"\r\n\r\n\\ud800\r\n--x--'
        answer = await client.post(
            "/admin/agent_types/create", content=body, headers={"Content-Type": surrogates}
        )
        assert answer.status_code == 422
