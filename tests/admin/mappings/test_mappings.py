"""Tables mapped in every way: each page of each, and what their rows refer to."""

import html
import re
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import Filter, TableView, create_app
from qlmodels_admin.app import close_app
from sqlalchemy import JSON, URL, Column, Integer, Text, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from qlmodels.connection import connect
from qlmodels.errors import ConfigurationError
from tests.admin.mappings import models
from tests.admin.mappings.conftest import client_of
from tests.admin.mappings.views import VIEWS, view_of
from tests.conftest import Database

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

NOWHERE = URL.create("postgresql+asyncpg", "qlpanel", "", "localhost", 1, "nowhere")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(strangers: Database) -> Any:
    async with connect(strangers.owner) as connection:
        yield connection


def links(page: str) -> dict[str, str]:
    """Where the links of a page lead, by their text."""
    found = re.findall(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a\s*>', page, re.DOTALL)
    return {
        " ".join(html.unescape(re.sub(r"<[^>]*>", "", text)).split()): html.unescape(link)
        for link, text in found
    }


def address(view: Any) -> str:
    return f"/admin/{view.address()}"


@pytest.fixture(scope="module")
def followed() -> set[str]:
    """Links that were followed already."""
    return set()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
async def test_every_page_is_shown(admin: httpx.AsyncClient, followed: set[str], view: Any) -> None:
    base = address(view)
    paths = [f"{base}/list", f"{base}/export/csv", f"{base}/export/json", f"{base}/create"]
    paths += [
        f"{base}/list?pageSize=1&sortBy={name}&sort={way}"
        for name in view.column_sortable_list
        for way in ("asc", "desc")
    ]
    for path in paths:
        assert (await admin.get(path)).status_code == 200, path
    listed = (await admin.get(f"{base}/list")).text
    rows = {html.unescape(row) for row in re.findall(rf'href="({base}/details/[^"]+)"', listed)}
    assert rows
    for row in rows:
        details = await admin.get(row)
        assert details.status_code == 200, row
        content = details.text[details.text.index('id="content"') :]
        for link in {*links(content).values()} - followed:
            followed.add(link)
            assert (await admin.get(link, follow_redirects=True)).status_code == 200, link


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
async def test_a_row_is_saved_unchanged_and_asked_about_before_it_is_deleted(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, read_form: Any, view: Any
) -> None:
    base, table = address(view), view.model.__mapper__.local_table
    whole = f"select t::text from {table.fullname} t order by 1"
    before = await owner.fetch(whole)
    listed = (await admin.get(f"{base}/list")).text
    for row in {*re.findall(rf'href="({base}/details/[^"]+)"', listed)}:
        edit = html.unescape(row).replace("/details/", "/edit/")
        page = await admin.get(edit)
        assert page.status_code == 200, edit
        saved = await admin.post(edit, data=read_form(page.text))
        assert saved.headers["location"].endswith("note=unchanged"), edit
        key = quote(html.unescape(row).rpartition("/details/")[2], safe="%")
        asked = await admin.post(f"{base}/delete", content=f"pk={key}", headers=FORM)
        assert asked.status_code == 200
    assert await owner.fetch(whole) == before


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# -- what rows refer to ------------------------------------------------------------------------


async def test_a_row_leads_to_those_that_it_refers_to_by_their_names(
    admin: httpx.AsyncClient,
) -> None:
    listed = (await admin.get("/admin/books/list")).text
    found = links(listed)
    assert found["Ada"] == "/admin/authors/details/1"
    assert found["Bob"] == "/admin/authors/details/2"
    assert found["1"] in {"/admin/authors/details/1", "/admin/books/details/1"}
    details = links((await admin.get("/admin/books/details/1")).text)
    assert details["Ada"] == "/admin/authors/details/1"


async def test_rows_of_two_references_to_one_table_are_apart(admin: httpx.AsyncClient) -> None:
    page = (await admin.get("/admin/authors/details/1")).text
    found = links(page)
    assert found["books by author id 2"] == "/admin/books/list?author_id=1"
    assert found["books by editor id 0"] == "/admin/books/list?editor_id=1"
    listed = (await admin.get("/admin/books/list?editor_id=2")).text
    assert "One" in listed
    assert "Two" not in listed


async def test_many_to_many_is_followed_both_ways(admin: httpx.AsyncClient) -> None:
    found = links((await admin.get("/admin/books/details/1")).text)
    assert found["tags 2"] == "/admin/tags/list?of=books%2F1%2Ftags"
    listed = (await admin.get(found["tags 2"])).text
    assert "old; with" in listed
    tag = links(listed)["old; with \\ and /"]
    back = links((await admin.get(tag)).text)["books 1"]
    only = (await admin.get(back)).text
    assert "One" in only
    assert "Two" not in only
    exported = await admin.get(back.replace("/list?", "/export/csv?"))
    assert exported.text.count("\n") == 2


@pytest.mark.parametrize(
    ("of", "says"),
    [
        ("nothing/1/tags", "names no relationship"),
        ("books/1/title", "names no relationship"),
        ("books/x/tags", "is not a valid id"),
        ("books/1/author", "does not lead to"),
        ("books", "names no relationship"),
    ],
)
async def test_what_is_no_relationship_is_said(
    admin: httpx.AsyncClient, of: str, says: str
) -> None:
    answer = await admin.get("/admin/tags/list", params={"of": of})
    assert answer.status_code == 422
    assert says in html.unescape(answer.text)


async def test_a_reference_to_a_unique_key_leads_to_its_row(admin: httpx.AsyncClient) -> None:
    found = links((await admin.get("/admin/cities/list")).text)
    assert found["DE"] == "/admin/countries/find?code=DE"
    led = await admin.get(found["DE"], follow_redirects=True)
    assert led.url.path == "/admin/countries/details/1"
    for query in ("code=XX", "", "nothing=1", "id=x"):
        assert (await admin.get(f"/admin/countries/find?{query}")).status_code == 404


async def test_a_key_of_two_columns_leads_to_its_row(admin: httpx.AsyncClient) -> None:
    found = links((await admin.get("/admin/order_lines/list")).text)
    assert "/admin/orders/details/EU%3B1" in found.values()
    details = links((await admin.get("/admin/orders/details/EU%3B1")).text)
    assert details["order_lines 1"] == "/admin/order_lines/list?region=EU&order_number=1"
    assert "tea" in (await admin.get(details["order_lines 1"])).text


async def test_tables_of_one_name_are_two(admin: httpx.AsyncClient) -> None:
    public = (await admin.get("/admin/notes/list")).text
    depot = (await admin.get("/admin/depot.notes/list")).text
    assert ">public<" in public
    assert ">depot<" in depot
    box = links((await admin.get("/admin/boxes/list")).text)
    assert "/admin/depot.notes/details/1" in box.values()


# -- inheritance -------------------------------------------------------------------------------


async def test_a_row_in_two_tables_is_written_in_both(
    admin: httpx.AsyncClient, owner: asyncpg.Connection, read_form: Any
) -> None:
    created = await admin.post("/admin/cars/create", data={"name": "wagon", "doors": "5"})
    assert created.status_code == 303, created.text
    row = created.headers["location"].partition("?")[0]
    key = int(row.rpartition("/")[2])
    whole = "select kind, name, doors from vehicles join cars using (id) where id = $1"
    assert tuple(await owner.fetchrow(whole, key) or ()) == ("car", "wagon", 5)
    edit = row.replace("/details/", "/edit/")
    form = read_form((await admin.get(edit)).text)
    saved = await admin.post(edit, data={**form, "name": "van", "doors": "4"})
    assert saved.status_code == 303, saved.text
    assert tuple(await owner.fetchrow(whole, key) or ()) == ("car", "van", 4)
    deleted = await admin.post("/admin/cars/delete", data={"pk": str(key), "_confirmed": "1"})
    assert deleted.status_code == 303, deleted.text
    assert await owner.fetchval("select count(*) from vehicles where id = $1", key) == 0


async def test_a_model_that_shares_a_table_has_its_own_rows_alone(
    admin: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    assert "Cat" in (await admin.get("/admin/animals/list")).text
    for path in ("list", "export/csv", "export/json"):
        text = (await admin.get(f"/admin/dog/{path}")).text
        assert "Rex" in text, path
        assert "Cat" not in text, path
    cat = await owner.fetchval("select id from animals where name = 'Cat'")
    assert (await admin.get(f"/admin/dog/details/{cat}")).status_code == 404
    refused = await admin.post("/admin/dog/delete", data={"pk": str(cat), "_confirmed": "1"})
    assert refused.status_code == 404
    created = await admin.post("/admin/dog/create", data={"name": "Fido", "breed": "pug"})
    assert created.status_code == 303, created.text
    assert await owner.fetchval("delete from animals where name = 'Fido' returning kind") == "dog"


# -- attributes --------------------------------------------------------------------------------


async def test_attributes_of_every_kind_are_shown(admin: httpx.AsyncClient) -> None:
    listed = (await admin.get("/admin/people/list")).text
    for text in ("Ada Byron", "Hello, Ada", "ada@example.com", "AB", "ADA"):
        assert text in listed, text
    authors = (await admin.get("/admin/authors/list")).text
    assert "book count" in authors


async def test_an_attribute_may_have_any_name(admin: httpx.AsyncClient, read_form: Any) -> None:
    class Base(DeclarativeBase):
        pass

    class Odd(Base):
        __tablename__ = "odd"

        _id: Mapped[int] = mapped_column("id", primary_key=True)
        data = Column("validate", Text)
        errors = Column(JSON)
        meta = Column(Integer)
        items = Column(Text)
        _hidden = Column("process", Text)

    class OddView(TableView, model=Odd):
        column_list = ("_id", "data", "errors", "meta", "items", "_hidden")

    view = create_app(NOWHERE, views=[OddView]).state.admin.find_view("odd")
    kind = await view.form_of(view.create_names)
    form = kind(data={"data": "a", "errors": {"b": 1}, "meta": 3, "items": "c", "_hidden": "d"})
    texts = {name: field.text() for name, field in form._fields.items() if name != "_id"}
    assert texts == {
        "data": "a",
        "errors": '{\n  "b": 1\n}',
        "meta": "3",
        "items": "c",
        "_hidden": "d",
    }


async def test_relationships_and_paths_are_columns_of_a_list(strangers: Database) -> None:
    view = view_of(models.Book, column_list=["title", "author.name", "author.profile.about"])
    app = create_app(strangers.url("qlpanel_test"), background=False, views=[view])
    async with await client_of(app) as client:
        listed = (await client.get("/admin/books/list")).text
        assert "author profile about" in listed
        assert "writes" in listed
    await close_app(app)


async def test_a_form_takes_a_relationship_for_its_column(admin: httpx.AsyncClient) -> None:
    view = view_of(models.Book, create_fields=["title", "author"], edit_fields=["author"])
    app = create_app(NOWHERE, views=[view])
    assert app.state.admin.find_view("books").create_names == ["title", "author_id"]


async def test_forms_have_all_columns_unless_they_are_named() -> None:
    class BoxView(TableView, model=models.Box):
        pass

    class AnimalView(TableView, model=models.Animal):
        pass

    app = create_app(NOWHERE, views=[BoxView, AnimalView])
    boxes, animals = app.state.admin.find_view("boxes"), app.state.admin.find_view("animals")
    assert (boxes.create_names, boxes.edit_names) == (["note_id"], ["note_id"])
    assert animals.edit_names == ["name"]


# -- what is wrong is said when the application starts -----------------------------------------


def declared(**own: Any) -> Any:
    kind: Any = type(TableView)
    return kind("WrongView", (TableView,), own, model=models.Book)


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"column_list": ["titel"]}, "Book has no attribute 'titel'"),
        ({"column_list": ["author.nome"]}, "Author has no attribute 'nome'"),
        ({"column_list": ["title.name"]}, "Book has no relationship 'title'"),
        ({"edit_fields": ["tags"]}, "names tags, which is stored in no column of books"),
        ({"references": {"author_id": "writers"}}, "There is no table 'writers' beside books"),
        ({"filters": [Filter(column="title", parameter="sort")]}, "has the parameter sort"),
    ],
)
async def test_a_view_that_names_what_is_not_there_is_refused(
    own: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        create_app(NOWHERE, views=[declared(**own)])


async def test_a_model_of_a_query_is_refused() -> None:
    class Base(DeclarativeBase):
        pass

    class Loud(Base):
        __table__ = select(models.Person.__table__.c.id).subquery("loud")
        __mapper_args__ = {"primary_key": [__table__.c.id]}

    class LoudView(TableView, model=Loud):
        pass

    with pytest.raises(ConfigurationError, match="Loud is mapped to a query"):
        create_app(NOWHERE, views=[LoudView])
