"""What a table of another project needs is said with the command, and nothing else is promised."""

import html
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import DeleteRows, TableView, create_app
from qlmodels_admin.app import close_app
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from qlmodels.connection import connect
from qlmodels.ddl import audited, declare
from qlmodels.ddl.build import statements
from qlmodels.errors import ConfigurationError
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import add_user
from tests.admin.conftest import PASSWORD
from tests.admin.mappings.conftest import client_of
from tests.conftest import Database, fresh_database

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


class Base(DeclarativeBase):
    pass


class Tool(Base):
    __tablename__ = "tools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)


class Part(Base):
    """Deleted with its tool."""

    __tablename__ = "parts"

    id: Mapped[int] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id", ondelete="CASCADE"))


class ToolView(TableView, model=Tool):
    column_list = ("id", "name")
    actions = (DeleteRows(),)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def prepared(cluster: Any) -> AsyncIterator[Database]:
    """A database without tools, and with an admin."""
    async with fresh_database(cluster, "template qlmodels") as database:
        async with connect(database.owner) as owner:
            await add_user(owner, "admin", "admin", hash_password(PASSWORD))
        yield database


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def owner(prepared: Database) -> AsyncIterator[asyncpg.Connection]:
    async with connect(prepared.owner) as connection:
        yield connection


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def admin(prepared: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(prepared.url("qlpanel_test"), background=False, views=[ToolView])
    async with await client_of(app) as client:
        yield client
    await close_app(app)


@pytest_asyncio.fixture(loop_scope="session")
async def tables(owner: asyncpg.Connection) -> AsyncIterator[None]:
    yield
    await owner.execute("drop table if exists parts, tools cascade")


CREATE = "create table tools (id serial primary key, name text)"
READ = "grant select on tools to qlmodels_panel"
ALL = "grant select, insert, update, delete on tools to qlmodels_panel"
SEQUENCE = "grant usage on sequence tools_id_seq to qlmodels_panel"
PARTS = """
create table parts (id serial primary key, tool_id int not null references tools on delete cascade);
grant select on parts to qlmodels_panel
"""
GRANTED = (CREATE, ALL, SEQUENCE)


def commands(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<pre><code>(.*?)</code></pre>", page)]


@pytest.mark.parametrize("path", ["list", "details/1", "edit/1", "create", "export/csv", "import"])
async def test_a_table_that_is_not_there_says_what_it_needs(
    admin: httpx.AsyncClient, tables: None, path: str
) -> None:
    answer = await admin.get(f"/admin/tools/{path}")
    assert answer.status_code == 200
    assert "There is no table public.tools in this database." in answer.text
    assert commands(answer.text) == [
        "grant select, insert, update, delete on public.tools to qlmodels_panel;"
    ]


async def test_a_table_leads_to_its_rows_by_the_commands_of_its_page(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, tables: None
) -> None:
    await owner.execute(CREATE)
    refused = await admin.post("/admin/tools/create", data={"name": "a"})
    assert refused.status_code == 409
    page = (await admin.get("/admin/tools/list")).text
    for command in commands(page):
        await owner.execute(command)
    listed = (await admin.get("/admin/tools/list")).text
    assert "New row" in listed
    assert commands(listed) == []
    made = await admin.post("/admin/tools/create", data={"name": "a"})
    assert made.status_code == 303


@pytest.mark.parametrize(
    ("prepare", "says", "command"),
    [
        ([CREATE], "may not select or insert", "grant select, insert, update, delete"),
        ([CREATE, READ], "may not insert or update or delete", "grant insert, update, delete on"),
        ([CREATE, ALL], "may not number new rows", "grant usage on sequence public.tools_id_seq"),
        (
            [*GRANTED, "alter table tools enable row level security"],
            "Row security of public.tools hides all rows",
            "create policy qlmodels_panel_access on public.tools",
        ),
        ([*GRANTED, "alter table tools drop column name"], "has no column name", ""),
        (
            [
                "create table other (id int, name text)",
                "create view tools as select distinct id, name from other",
                READ,
            ],
            "is a view that takes no changes",
            "",
        ),
    ],
)
async def test_each_need_is_said(
    admin: httpx.AsyncClient,
    owner: asyncpg.Connection,
    prepare: list[str],
    says: str,
    command: str,
) -> None:
    for statement in prepare:
        await owner.execute(statement)
    page = (await admin.get("/admin/tools/list")).text
    assert says in html.unescape(page)
    assert any(text.startswith(command) for text in commands(page)) == bool(command)
    kind = "view" if "other" in prepare[0] else "table"
    await owner.execute(f"drop {kind} tools; drop table if exists other")


async def test_what_is_not_granted_is_not_offered(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, tables: None
) -> None:
    for statement in (CREATE, READ, "insert into tools (name) values ('a')"):
        await owner.execute(statement)
    for path in ("list", "details/1"):
        page = (await admin.get(f"/admin/tools/{path}")).text
        for word in ("New row", "Import", ">Edit<", "Delete", ">edit<"):
            assert word not in page, (path, word)
    for path in ("create", "edit/1", "import"):
        page = (await admin.get(f"/admin/tools/{path}")).text
        assert commands(page)[0].startswith("grant insert, update, delete on"), path


def triggers() -> list[str]:
    """The triggers of the table, which are declared before its MetaData has it."""
    metadata = MetaData()
    declare(metadata, *audited("tools"))
    Tool.metadata.tables["tools"].to_metadata(metadata)
    return [statement for statement in statements(metadata) if "create trigger" in statement]


# -- history -----------------------------------------------------------------------------------


async def test_a_table_without_triggers_is_promised_no_history(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, tables: None, read_form: Any
) -> None:
    for statement in (*GRANTED, PARTS):
        await owner.execute(statement)
    made = await admin.post("/admin/tools/create", data={"name": "a"})
    assert made.headers["location"].endswith("?note=created")
    details = await admin.get(made.headers["location"])
    assert "Undo" not in details.text
    assert 'audited("tools")' in html.unescape(details.text)
    edit = "/admin/tools/edit/1"
    form = read_form((await admin.get(edit)).text)
    saved = await admin.post(edit, data={**form, "name": "b"})
    assert saved.headers["location"].endswith("?note=saved")
    asked = await admin.post("/admin/tools/delete", data={"pk": "1"})
    assert "deleted rows cannot be restored" in asked.text
    assert "stay in History" not in asked.text
    gone = await admin.post("/admin/tools/delete", data={"pk": "1", "_confirmed": "1"})
    assert gone.headers["location"].endswith("?note=deleted_for_good")
    listed = (await admin.get(gone.headers["location"])).text
    assert "Undo" not in listed
    assert "restored" not in listed
    file = {"file": ("a.csv", b"name\na\n")}
    kept = read_form((await admin.post("/admin/tools/import", files=file)).text)["kept"]
    done = await admin.post("/admin/tools/import", files={"kept": (None, kept)})
    assert "1 row imported" in done.text
    assert "Undo" not in done.text
    action = " ".join((await admin.get("/admin/tools/act/delete")).text.split())
    assert "cannot be restored" in action
    assert "stays in the History" not in action


async def test_a_table_whose_triggers_are_declared_has_history(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, tables: None, read_form: Any
) -> None:
    for statement in GRANTED:
        await owner.execute(statement)
    for statement in (*triggers(), PARTS):
        await owner.execute(statement)
    made = await admin.post("/admin/tools/create", data={"name": "a"})
    assert "undo=" in made.headers["location"]
    row = made.headers["location"].partition("?")[0]
    form = read_form((await admin.get(row.replace("details", "edit"))).text)
    saved = await admin.post(row.replace("details", "edit"), data={**form, "name": "b"})
    undo = re.search(
        r'action="(/admin/undo[^"]+)"', (await admin.get(saved.headers["location"])).text
    )
    assert undo is not None
    assert (await admin.post(undo[1])).status_code == 303
    assert await owner.fetchval("select name from tools") == "a"
    key = row.rpartition("/")[2]
    asked = await admin.post("/admin/tools/delete", data={"pk": key})
    assert "stay in History" in asked.text
    gone = await admin.post("/admin/tools/delete", data={"pk": key, "_confirmed": "1"})
    listed = (await admin.get(gone.headers["location"])).text
    undo = re.search(r'action="(/admin/undo[^"]+)"', listed)
    assert undo is not None
    assert (await admin.post(undo[1])).status_code == 303
    assert await owner.fetchval("select name from tools") == "a"


async def test_rows_that_go_along_without_a_record_are_named(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, tables: None
) -> None:
    for statement in GRANTED:
        await owner.execute(statement)
    for statement in triggers():
        await owner.execute(statement)
    await owner.execute(PARTS)
    await owner.execute("insert into tools (name) values ('a')")
    await owner.execute("insert into parts (tool_id) values (1)")
    asked = (await admin.post("/admin/tools/delete", data={"pk": "1"})).text
    assert "rows of parts are deleted with it" in " ".join(asked.split())
    assert "Changes of parts are not recorded" in asked


@pytest.mark.parametrize(
    ("name", "says"),
    [("toolz", "public.toolz is to be audited"), ("keyless", "so it needs a primary key")],
)
async def test_what_cannot_be_audited_is_refused(name: str, says: str) -> None:
    declared = MetaData()
    Table("keyless", declared, Column("name", Text))
    declare(declared, *audited(name))
    with pytest.raises(ConfigurationError, match=says):
        statements(declared)
