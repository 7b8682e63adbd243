"""Each view of the panel has a place of its own: in URLs, and in the navigation."""

from typing import Any

import pytest
from qlmodels_admin import TableView, create_app
from qlmodels_admin.history import AuditEntry, HistoryView
from sqladmin import ModelView
from sqlalchemy import URL
from starlette.applications import Starlette

from qlmodels.errors import ConfigurationError
from qlmodels.tables import Pattern
from tests.admin.mappings.models import Box, DepotNote, Note
from tests.admin.tables.test_sqladmin_compat import request_of

NOWHERE = URL.create("postgresql+asyncpg", "qlpanel", "", "localhost", 1, "nowhere")


class BoxView(TableView, model=Box):
    column_list = ("id",)


class OtherBoxView(TableView, model=Box):
    column_list = ("note_id",)


class PatternView(TableView, model=Pattern):
    column_list = ("pattern_name",)


def app_of(*views: Any) -> Starlette:
    return create_app(NOWHERE, views=views)


def menu(app: Starlette) -> list[tuple[str, str]]:
    """Title and URL of each entry under Data."""
    entries = app.state.admin.menu_entries(request_of(app, "viewer"))
    return [(entry.title, entry.url) for entry in entries if entry.heading == "Data"]


def test_two_views_of_a_model_have_two_places() -> None:
    app = app_of(BoxView, OtherBoxView)
    assert isinstance(app.state.admin.find_view("boxes"), BoxView)
    assert isinstance(app.state.admin.find_view("other-box"), OtherBoxView)
    assert menu(app)[-2:] == [
        ("boxes", "/admin/boxes/list"),
        ("other-box", "/admin/other-box/list"),
    ]


def test_a_view_is_where_it_says() -> None:
    class RedBoxView(TableView, model=Box):
        identity = "red"
        name_plural = "Red boxes"

    app = app_of(RedBoxView, BoxView)
    assert menu(app)[-2:] == [("Red boxes", "/admin/red/list"), ("boxes", "/admin/boxes/list")]


def test_a_place_that_is_taken_is_an_error_that_says_what_to_set() -> None:
    class First(TableView, model=Box):
        identity = "same"

    class Same(TableView, model=Box):
        identity = "same"

    with pytest.raises(ConfigurationError, match=r"/same is that .* Same. .*identity = "):
        app_of(First, Same)


def test_a_plain_view_stands_beside_a_table_view() -> None:
    class Boxes(ModelView, model=Box):
        name_plural = "Plain boxes"

    class Plain(ModelView, model=Box):
        name_plural = "Plainer boxes"

    app = app_of(BoxView, Boxes, Plain)
    assert {view.identity for view in app.state.admin.views[-3:]} == {"boxes", "box", "plain"}


def test_tables_of_one_name_have_two_places() -> None:
    class NoteView(TableView, model=Note):
        pass

    class DepotNoteView(TableView, model=DepotNote):
        pass

    app = app_of(NoteView, DepotNoteView)
    assert menu(app)[-2:] == [
        ("notes", "/admin/notes/list"),
        ("depot.notes", "/admin/depot.notes/list"),
    ]


def test_a_view_takes_the_place_of_the_panels_own() -> None:
    former, now = menu(app_of()), app_of(PatternView)
    assert menu(now) == former
    assert isinstance(now.state.admin.find_view("patterns"), PatternView)
    later = app_of()
    later.state.admin.add_view(PatternView)
    assert menu(later) == former
    assert isinstance(later.state.admin.find_view("patterns"), PatternView)


def test_only_one_view_takes_a_place() -> None:
    class SecondPatternView(TableView, model=Pattern):
        pass

    app = app_of(PatternView, SecondPatternView)
    assert isinstance(app.state.admin.find_view("patterns"), PatternView)
    assert isinstance(app.state.admin.find_view("second-pattern"), SecondPatternView)


def test_history_is_replaced_by_a_kind_of_itself_alone() -> None:
    class Log(TableView, model=AuditEntry):
        identity = "audit_log"

    class OwnHistoryView(HistoryView, model=AuditEntry):
        identity = "audit_log"

    with pytest.raises(ConfigurationError, match="Log cannot take the place of History"):
        app_of(Log)
    assert isinstance(app_of(OwnHistoryView).state.admin.find_view("audit_log"), OwnHistoryView)


def test_another_panel_leaves_the_places_alone() -> None:
    app = app_of(OtherBoxView)
    app_of(BoxView, OtherBoxView)
    assert isinstance(app.state.admin.find_view("boxes"), OtherBoxView)
