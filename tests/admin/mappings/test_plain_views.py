"""Views of sqladmin's own kind: every type has a field, and objects are shown by their names."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from sqladmin import ModelView
from sqlalchemy import Column, Double, Float, Integer
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase

from tests.admin.mappings import models
from tests.admin.mappings.conftest import client_of
from tests.conftest import Database

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


class PlainBook(ModelView, model=models.Book):
    column_list = ("title", "author", "tags")


class PlainAuthor(ModelView, model=models.Author):
    column_list = ("id", "name", "books")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plain(strangers: Database) -> AsyncIterator[httpx.AsyncClient]:
    views = [PlainBook, PlainAuthor]
    app = create_app(strangers.url("qlpanel_test"), background=False, views=views)
    async with await client_of(app) as client:
        yield client
    await close_app(app)


@pytest.mark.parametrize("page", ["book/list", "book/details/1", "book/edit/1", "book/create"])
async def test_objects_are_shown_by_their_names(plain: httpx.AsyncClient, page: str) -> None:
    answer = await plain.get(f"/admin/{page}")
    assert answer.status_code == 200
    assert "Ada" in answer.text
    assert "object at 0x" not in answer.text


async def test_objects_lead_to_their_pages(plain: httpx.AsyncClient) -> None:
    listed = (await plain.get("/admin/book/list")).text
    assert "/admin/author/details/1" in listed
    assert (await plain.get("/admin/author/details/1")).status_code == 200


async def test_every_type_has_a_field() -> None:
    class Base(DeclarativeBase):
        pass

    class Reading(Base):
        __tablename__ = "measurements"

        id = Column(Integer, primary_key=True)
        real = Column(Float)
        double = Column(Double)
        words = Column(TSVECTOR)

    class ReadingView(ModelView, model=Reading):
        pass

    app = create_app("postgresql://x:y@localhost:1/z", views=[ReadingView])
    view: Any = app.state.admin.find_view("reading")
    form = (await view.scaffold_form())()
    assert {"real", "double", "words"} <= set(form._fields)
