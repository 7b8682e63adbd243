"""Every column type in every operation: what psql shows before is what it shows after."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import product
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import Filter, SetValues, TableView, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.rows import Search, read_only_reason
from sqlalchemy import Column, ForeignKey, Integer, Text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.schema import CreateTable

from qlmodels.connection import connect
from qlmodels.ddl.dialect import DIALECT
from tests.admin.conftest import ORIGIN
from tests.support.specimens import BY_NAME, CREATE_TYPES, DROP_TYPES, SPECIMENS, Specimen

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

DEFAULT_SHARE: Final = 67
"""One cell in so many is in the default run. It shares no factor with the number of operations,
so that each of them is among the cells."""


class Base(DeclarativeBase):
    pass


def _view(name: str, columns: dict[str, Column[Any]], **declared: Any) -> type[TableView]:
    model = type(name, (Base,), {"__tablename__": name, **columns})
    edited = [key for key, column in columns.items() if not column.primary_key]
    body = {
        "column_list": tuple(columns),
        "column_sortable_list": tuple(columns),
        "create_fields": declared.pop("create_fields", tuple(columns)),
        "edit_fields": tuple(edited),
        "filters": (Filter(column="value"),),
        "search": Search(texts=("value",)),
        "page_size_options": (1000,),
        **declared,
    }
    return type(f"{name}View", (TableView,), body, model=model)


def _views(specimen: Specimen) -> list[type[TableView]]:
    """A table with the type in a column, and those with it in a key."""
    plain, key, pair, child = (f"{prefix}_{specimen}" for prefix in ("x", "k", "p", "c"))
    views = [
        _view(
            plain,
            {
                "id": Column(Integer, primary_key=True),
                "value": Column(specimen.kind),
                "note": Column(Text),
            },
            create_fields=("value", "note"),
            actions=(SetValues(name="set", label="Set…", asks=["value"]),),
        )
    ]
    if specimen.is_key:
        views += [
            _view(key, {"value": Column(specimen.kind, primary_key=True), "note": Column(Text)}),
            _view(
                pair,
                {
                    "value": Column(specimen.kind, primary_key=True),
                    "n": Column(Integer, primary_key=True, autoincrement=False),
                    "note": Column(Text),
                },
            ),
            _view(
                child,
                {
                    "id": Column(Integer, primary_key=True),
                    "value": Column(specimen.kind, ForeignKey(f"{key}.value")),
                },
                create_fields=("value",),
            ),
        ]
    return views


def _chosen(items: Sequence[Any]) -> list[Specimen]:
    """Return the types of the tests that were chosen."""
    calls = [item.callspec for item in items if item.fspath == __file__]
    names = {call.params["name"] for call in calls}
    return [specimen for specimen in SPECIMENS if specimen.name in names]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(
    request: pytest.FixtureRequest, panel: Any, cluster: Any
) -> AsyncIterator[httpx.AsyncClient]:
    views = [view for specimen in _chosen(request.session.items) for view in _views(specimen)]
    tables = Base.metadata.sorted_tables
    url = cluster.running.url(cluster.running.superuser, cluster.running.password, "panel")
    names = ", ".join(f'"{table.name}"' for table in tables)
    async with connect(url) as owner:
        await owner.execute(CREATE_TYPES)
        for table in tables:
            await owner.execute(str(CreateTable(table).compile(dialect=DIALECT)))
        await owner.execute(f"grant all on {names} to qlmodels_panel")
        await owner.execute("grant usage on all sequences in schema public to qlmodels_panel")
    app = create_app(panel.login, background=False, views=views)
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
    async with connect(url) as owner:
        await owner.execute(f"drop table {names}; {DROP_TYPES}")


@dataclass(frozen=True)
class Cell:
    """A type in an operation: its tables, and what they hold as psql shows it."""

    specimen: Specimen
    client: httpx.AsyncClient
    rows: asyncpg.Connection
    read_form: Any

    @property
    def sql_type(self) -> str:
        return (
            str(self.specimen.kind.compile(DIALECT))
            if not isinstance(self.specimen.kind, type)
            else str(self.specimen.kind().compile(DIALECT))
        )

    @property
    def plain(self) -> str:
        return f"x_{self.specimen}"

    @property
    def reason(self) -> str:
        return read_only_reason(self.specimen.column)

    def url(self, page: str, table: str = "") -> str:
        return f"/admin/{table or self.plain}/{page}"

    async def put(self, values: Sequence[str | None], times: int = 1) -> None:
        """Have the plain table hold `values`, and nothing else."""
        await self.rows.execute(f"truncate {self.plain}")
        rows = [(value,) for _ in range(times) for value in values]
        statement = f"insert into {self.plain} (value) select v from {self._typed('$1')}"
        await self.rows.executemany(statement, rows)

    async def put_keys(self, table: str, values: Sequence[str]) -> None:
        await self.rows.execute(f"truncate {table} cascade")
        statement = f"insert into {table} select v from {self._typed('$1')}"
        await self.rows.executemany(statement, [(value,) for value in values])

    def _typed(self, place: str) -> str:
        """What the type's own input function makes of a text."""
        if self.specimen.family.field == "json":
            return f"(select {place}::text::{self.sql_type} as v) as given"
        return f"json_to_record(json_build_object('v', {place}::text)) as given (v {self.sql_type})"

    async def held(self, table: str = "", order: str = "id") -> list[str | None]:
        found = await self.rows.fetch(
            f"select value::text as held from {table or self.plain} order by {order}"
        )
        return [row["held"] for row in found]

    async def is_read_here(self) -> bool:
        """Return whether the server was built with what the type needs."""
        if not self.specimen.library:
            return True
        try:
            await self.canonical(self.specimen.values[0])
        except asyncpg.FeatureNotSupportedError:
            return False
        return True

    async def canonical(self, value: str) -> str | None:
        """The value as psql shows it: char(5) drops its blanks."""
        text: str | None = await self.rows.fetchval(
            f"select v::text from {self._typed('$1')}", value
        )
        return text

    async def ids(self, tail: str = "order by id") -> list[int]:
        return [row["id"] for row in await self.rows.fetch(f"select id from {self.plain} {tail}")]

    async def typed(self, value: str | None) -> dict[str, str]:
        """How a form shows a value: what a person would type."""
        await self.put([value])
        form = await self.form(self.url(f"edit/{(await self.ids())[0]}"))
        return {name: text for name, text in form.items() if name.startswith("value")}

    async def form(self, url: str) -> dict[str, str]:
        answer = await self.client.get(url)
        assert answer.status_code == 200, (url, answer.text)
        found: dict[str, str] = self.read_form(answer.text)
        return found

    async def page(self, url: str) -> str:
        answer = await self.client.get(url)
        assert answer.status_code == 200, (url, answer.text)
        return answer.text


# -- operations --------------------------------------------------------------------------------


async def check_detail(cell: Cell) -> None:
    for value in cell.specimen.values:
        await cell.put([value])
        for url in ("list", f"details/{(await cell.ids())[0]}"):
            text = await cell.page(cell.url(url))
            if cell.specimen.family.by_text:
                assert escape(str(await cell.canonical(value)), quote=True) in text.replace(
                    "&#34;", "&quot;"
                ).replace("&#39;", "&#x27;"), (url, value)
    await cell.put([None])
    assert "null</span>" in await cell.page(cell.url("list"))


KEYS: Final = re.compile(r'class="key" href="[^"]*/details/([^"?]*)')
NEIGHBOUR: Final = r'rel="{}" href="([^"]+)"'


async def walk(cell: Cell, table: str, query: str, direction: str = "next") -> list[str]:
    """The keys of all pages, in the order in which they are walked through."""
    found: list[str] = []
    url = cell.url(f"list?{query}", table)
    while True:
        text = await cell.page(url)
        keys = KEYS.findall(text)
        found = found + keys if direction == "next" else keys + found
        neighbour = re.search(NEIGHBOUR.format(direction), text)
        if neighbour is None:
            return found
        url = cell.url(f"list{unescape(neighbour[1])}", table)
        assert len(url) < 8_000


async def check_sort(cell: Cell) -> None:
    await cell.put(
        [*cell.specimen.values, None], times=max(2, 9 // (len(cell.specimen.values) + 1))
    )
    value = "value" if cell.specimen.is_ordered else "value::text"
    for word in ("asc", "desc"):
        expected = [str(n) for n in await cell.ids(f"order by {value} {word}, id {word}")]
        query = f"sortBy=value&sort={word}&pageSize=3"
        assert await walk(cell, cell.plain, query) == expected
        assert await walk(cell, cell.plain, f"{query}&last=1", "prev") == expected


async def check_search(cell: Cell) -> None:
    await cell.put(cell.specimen.values)
    for value in filter(None, await cell.held()):
        if value.strip() and not value.startswith(("{", "[")):
            text = await cell.page(str(httpx.URL(cell.url("list"), params={"search": value})))
            expected = await cell.rows.fetch(
                f"select id from {cell.plain} where strpos(lower(value::text), lower($1)) > 0",
                value.strip(),
            )
            assert set(KEYS.findall(text)) == {str(row["id"]) for row in expected}


async def check_filter(cell: Cell) -> None:
    await cell.put([*cell.specimen.values, None], times=2)
    same = "value" if cell.specimen.is_ordered else "value::text"
    for value in cell.specimen.values:
        if value in {"null", "not null"} and cell.specimen.family.field != "json":
            continue
        typed = f"(select v{same.removeprefix('value')} from {cell._typed('$1')})"
        expected = await cell.rows.fetch(
            f"select id from {cell.plain} where {same} = {typed}", value
        )
        url = httpx.URL(cell.url("list"), params={"value": value})
        if cell.specimen.family.field == "json" and value == "null":
            continue  # which asks for SQL's NULL
        text = await cell.page(str(url))
        assert set(KEYS.findall(text)) == {str(row["id"]) for row in expected}, value
    text = await cell.page(cell.url("list?value=null"))
    assert len(KEYS.findall(text)) == 2
    for value in cell.specimen.refused:
        for page in ("list", "export/csv"):
            answer = await cell.client.get(cell.url(page), params={"value": value})
            assert answer.status_code in {200, 422}, (value, answer.text)


async def check_create(cell: Cell) -> None:
    form = await cell.form(cell.url("create"))
    assert "id" not in form
    if cell.reason:
        assert cell.reason in await cell.page(cell.url("create"))
        return
    for value in (*cell.specimen.values, None):
        shown = await cell.typed(value)
        await cell.rows.execute(f"truncate {cell.plain}")
        answer = await cell.client.post(cell.url("create"), data=shown)
        assert answer.status_code == 303, (value, answer.text)
        assert await cell.held() == [None if value is None else await cell.canonical(value)]
        assert (await cell.client.get(answer.headers["location"])).status_code == 200


async def check_unchanged(cell: Cell) -> None:
    whole = f"select xmin::text, t::text from {cell.plain} t"
    for value in (*cell.specimen.values, None):
        await cell.put([value])
        before = await cell.rows.fetchrow(whole)
        url = cell.url(f"edit/{(await cell.ids())[0]}")
        form = await cell.form(url)
        answer = await cell.client.post(url, data=form)
        assert answer.status_code == 303, (value, answer.text)
        assert "note=unchanged" in answer.headers["location"], value
        assert await cell.rows.fetchrow(whole) == before
        answer = await cell.client.post(url, data={**form, "note": "beside", "note.null": []})
        assert answer.status_code == 303, (value, answer.text)
        assert await cell.held() == [None if value is None else await cell.canonical(value)]


async def check_edit(cell: Cell) -> None:
    values = [*cell.specimen.values, None]
    if cell.reason:
        await cell.put(values[:1])
        url = cell.url(f"edit/{(await cell.ids())[0]}")
        assert cell.reason in await cell.page(url)
        form = await cell.form(url)
        before = await cell.held()
        answer = await cell.client.post(url, data={**form, "value": "forged"})
        assert "note=unchanged" in answer.headers["location"]
        assert await cell.held() == before
        return
    shown = [await cell.typed(value) for value in values]
    for place, value in enumerate(values):
        await cell.put([values[place - 1]])
        url = cell.url(f"edit/{(await cell.ids())[0]}")
        form = {key: text for key, text in (await cell.form(url)).items() if key != "value.null"}
        answer = await cell.client.post(url, data={**form, **shown[place]})
        assert answer.status_code == 303, (value, answer.text)
        assert await cell.held() == [None if value is None else await cell.canonical(value)]
    for text in cell.specimen.refused:
        await cell.put(values[:1])
        url = cell.url(f"edit/{(await cell.ids())[0]}")
        form = {key: text for key, text in (await cell.form(url)).items() if key != "value.null"}
        answer = await cell.client.post(url, data={**form, "value": text})
        assert answer.status_code == 422, text
        field = answer.text[answer.text.index('for="value"') :]
        assert 'class="error"' in field[: field.index("</small>")], text
        assert await cell.held() == [await cell.canonical(str(values[0]))]


async def check_bulk_set(cell: Cell) -> None:
    if cell.reason:
        assert cell.reason in await cell.page(cell.url("act/set"))
        return
    for value in (cell.specimen.values[0], cell.specimen.values[-1], None):
        shown = await cell.typed(value)
        await cell.put([None, *cell.specimen.values])
        asked = await cell.client.post(cell.url("act/set"), data=shown)
        assert asked.status_code == 303, asked.text
        run = asked.headers["location"]
        await cell.page(run)
        await cell.client.post(f"{run}/start")
        status = "running"
        for _ in range(500):
            status = (await cell.client.get(f"{run}/progress")).json()["status"]
            if status != "running":
                break
        assert status == "finished"
        expected = None if value is None else await cell.canonical(value)
        assert set(await cell.held()) == {expected}
    for text in cell.specimen.refused:
        refused = await cell.client.post(cell.url("act/set"), data={"value": text})
        assert refused.status_code == 422, text
        assert 'class="error"' in refused.text


async def check_csv(cell: Cell) -> None:
    await out_and_in(cell, "csv", [*cell.specimen.values, None])


async def check_json_lines(cell: Cell) -> None:
    documents = cell.specimen.family.field == "json"
    values = [value for value in cell.specimen.values if not (documents and value == "null")]
    await out_and_in(cell, "json", [*values, None])


async def out_and_in(cell: Cell, kind: str, values: list[str | None]) -> None:
    await cell.put(values)
    before = await cell.held()
    file = await cell.client.get(cell.url(f"export/{kind}?sortBy=id"))
    assert file.status_code == 200
    await cell.rows.execute(f"truncate {cell.plain}")
    tried = await cell.client.post(cell.url("import"), files={"file": ("f", file.content)})
    assert tried.status_code == 200, tried.text
    done = await cell.client.post(
        cell.url("import"), files={"kept": (None, cell.read_form(tried.text)["kept"])}
    )
    assert done.status_code == 200, done.text
    assert await cell.held() == before


async def check_key(cell: Cell) -> None:
    table, values = f"k_{cell.specimen}", [*cell.specimen.values, *cell.specimen.keys]
    if not cell.specimen.is_key:
        return
    await cell.put_keys(table, values)
    await check_rows_by_key(cell, table, "value")


async def check_part_of_key(cell: Cell) -> None:
    table, values = f"p_{cell.specimen}", [*cell.specimen.values, *cell.specimen.keys]
    if not cell.specimen.is_key:
        return
    await cell.rows.execute(f"truncate {table}")
    for n in (1, 2):
        await cell.rows.executemany(
            f"insert into {table} select v, {n} from {cell._typed('$1')}",
            [(value,) for value in values],
        )
    await check_rows_by_key(cell, table, "value, n")


async def check_rows_by_key(cell: Cell, table: str, key: str) -> None:
    count = int(await cell.rows.fetchval(f"select count(*) from {table}") or 0)
    before = await cell.held(table, key)
    keys = await walk(cell, table, f"pageSize={max(1, count // 3)}")
    assert len(keys) == len(set(keys)) == count
    assert await walk(cell, table, f"pageSize={max(1, count // 3)}&last=1", "prev") == keys
    for place, text in enumerate(keys):
        await cell.page(cell.url(f"details/{text}", table))
        url = cell.url(f"edit/{text}", table)
        form = await cell.form(url)
        answer = await cell.client.post(url, data=form)
        assert "note=unchanged" in answer.headers["location"], text
        form = {name: value for name, value in form.items() if name != "note.null"}
        answer = await cell.client.post(url, data={**form, "note": str(place)})
        assert answer.status_code == 303, answer.text
    notes = await cell.rows.fetch(f"select note from {table} order by {key}")
    assert [row["note"] for row in notes] == [str(place) for place in range(count)]
    assert await cell.held(table, key) == before
    page = await cell.page(cell.url(f"details/{keys[0]}", table))
    asked = await cell.client.post(cell.url("delete", table), data=cell.read_form(page))
    done = await cell.client.post(cell.url("delete", table), data=cell.read_form(asked.text))
    assert done.status_code == 303, done.text
    assert await cell.held(table, key) == before[1:]
    for text in cell.specimen.refused:
        answer = await cell.client.get(cell.url(f"details/{text}", table))
        assert answer.status_code == 404, text


async def check_foreign_key(cell: Cell) -> None:
    if not cell.specimen.is_key or cell.reason:
        return
    parent, child = f"k_{cell.specimen}", f"c_{cell.specimen}"
    values = list(cell.specimen.values)
    shown = [await cell.typed(value) for value in values]
    await cell.put_keys(parent, values[1:])
    for data, value in zip(shown[1:], values[1:], strict=True):
        made = await cell.client.post(cell.url("create", child), data=data)
        assert made.status_code == 303, (value, made.text)
        await cell.page(made.headers["location"])
    expected = [await cell.canonical(value) for value in values[1:]]
    assert await cell.held(child) == expected
    missing = await cell.client.post(cell.url("create", child), data=shown[0])
    assert missing.status_code == 422
    assert "There is no such row" in missing.text


OPERATIONS: Final[dict[str, Callable[[Cell], Awaitable[None]]]] = {
    "list and detail": check_detail,
    "sort": check_sort,
    "search": check_search,
    "filter": check_filter,
    "create": check_create,
    "save unchanged": check_unchanged,
    "edit": check_edit,
    "bulk set": check_bulk_set,
    "CSV": check_csv,
    "JSON Lines": check_json_lines,
    "key": check_key,
    "part of a key": check_part_of_key,
    "foreign key": check_foreign_key,
}


CELLS: Final = [
    pytest.param(
        specimen.name,
        operation,
        marks=[] if place % DEFAULT_SHARE == 0 else [pytest.mark.slow],
    )
    for place, (specimen, operation) in enumerate(product(SPECIMENS, OPERATIONS))
]


@pytest.mark.parametrize(("name", "operation"), CELLS)
async def test_the_type_in_the_operation(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, read_form: Any, name: str, operation: str
) -> None:
    await rows.execute("set time zone 'UTC'")
    cell = Cell(BY_NAME[name], admin, rows, read_form)
    if not await cell.is_read_here():
        pytest.skip(f"this server was built without {cell.specimen.library}")
    await OPERATIONS[operation](cell)
