"""Each of sqladmin's private names that the panel uses, by what sqladmin does with it."""

import ast
import inspect
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from qlmodels_admin import create_app
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView, panel_of, parse_early
from qlmodels_admin.web.request_bodies import BODY_KEY
from sqladmin import Admin, BaseView, ModelView, action, expose
from sqladmin.forms import ModelConverter
from sqlalchemy import URL
from sqlalchemy import inspect as inspect_mapper
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from qlmodels.tables import Pattern

PANEL = Path(__file__).parents[3] / "admin" / "qlmodels_admin"
COMPAT = PANEL / "tables" / "sqladmin_compat.py"
NOWHERE = URL.create("postgresql+asyncpg", "qlpanel", "", "localhost", 1, "nowhere")


class PlainPatternView(ModelView, model=Pattern):
    """A view of sqladmin's own kind, with an action."""

    name_plural = "Plain patterns"
    column_list = ("pattern_name",)

    @action("archive", "Archive", add_in_detail=True)
    async def archive(self, request: Request) -> Response:  # noqa: ARG002
        return PlainTextResponse("archived")


class GreetingView(BaseView):
    name = "Greeting"

    @expose("/greeting", identity="greeting")
    async def greet(self, request: Request) -> Response:  # noqa: ARG002
        return PlainTextResponse("hello")


@pytest.fixture
def app() -> Starlette:
    """A panel that connects to nothing."""
    return create_app(NOWHERE, views=[PlainPatternView, GreetingView])


@pytest.fixture
def patterns(app: Starlette) -> KeyedModelView:
    view = app.state.admin.find_view("patterns")
    assert isinstance(view, KeyedModelView)
    return view


def request_of(app: Starlette, role: str, path: str = "/admin/") -> Request:
    """A request of a user in this role, as the panel's own routes see it."""
    user = SimpleNamespace(name=role, role=role, has_password=True)
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "root_path": "/admin",
        "app_root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "scheme": "http",
        "app": app,
        "router": app.router,
        "state": {"panel_user": user},
    }
    return Request(scope)


def test_a_view_is_found_by_its_table(app: Starlette) -> None:
    assert app.state.admin.find_view("patterns").model is Pattern
    with pytest.raises(HTTPException) as missing:
        app.state.admin.find_view("nothing")
    assert missing.value.status_code == 404


def test_a_view_refers_to_its_own_panel() -> None:
    first, second = (create_app(NOWHERE, views=[GreetingView]).state.admin for _ in range(2))
    for admin in (first, second):
        assert {panel_of(view) for view in admin.views} == {admin}
        assert {view.templates for view in admin.views} == {admin.templates}


def test_the_menu_names_what_was_added(app: Starlette) -> None:
    request = request_of(app, "viewer", "/admin/patterns/list")
    entries = {entry.title: entry for entry in app.state.admin.menu_entries(request)}
    assert {"agent_types", "patterns", "History", "Plain patterns", "Greeting"} <= set(entries)
    assert (entries["patterns"].heading, entries["patterns"].url) == (
        "Data",
        "/admin/patterns/list",
    )


def test_a_view_that_is_not_accessible_is_not_in_the_menu() -> None:
    class Hidden(GreetingView):
        name = "Hidden"

        def is_accessible(self, request: Request) -> bool:  # noqa: ARG002
            return False

    app = create_app(NOWHERE, views=[Hidden])
    titles = [entry.title for entry in app.state.admin.menu_entries(request_of(app, "admin"))]
    assert "Hidden" not in titles


def test_an_action_is_reached_by_post_alone(app: Starlette) -> None:
    (route,) = [
        route
        for route in app.state.admin.admin.router.routes
        if isinstance(route, Route) and "/action/" in route.path
    ]
    assert route.methods == {"POST"}


def test_the_declared_columns(patterns: KeyedModelView) -> None:
    assert patterns.list_names[:3] == ["pattern_id", "agent_type", "pattern_name"]
    assert {"pattern_data", "extra"} <= set(patterns.detail_names)
    assert "usage_count" in patterns.sortable_names
    assert "pattern_data" not in patterns.sortable_names
    assert (patterns.label_of("extra"), patterns.label_of("priority")) == ("metadata", "priority")


def test_the_default_order(app: Starlette, patterns: KeyedModelView) -> None:
    assert patterns.default_sort == ("usage_count", True)
    assert app.state.admin.find_view("audit_log").default_sort == ("entry_id", True)


@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("editor", False), ("admin", True)])
def test_who_may_delete(app: Starlette, patterns: KeyedModelView, role: str, may: bool) -> None:
    assert patterns.may_delete(request_of(app, role)) is may


def test_actions_on_one_row() -> None:
    class KeyedPatternView(KeyedModelView, model=Pattern):
        identity = "keyed"

        @action("archive", "Archive", add_in_detail=True)
        async def archive(self, request: Request) -> Response:  # noqa: ARG002
            return PlainTextResponse("archived")

    app = create_app(NOWHERE, views=[KeyedPatternView])
    view = app.state.admin.views[-1]
    shown = view.custom_actions(request_of(app, "editor"))
    assert [*shown.values()] == ["Archive"]
    assert [*shown] == [f"http://localhost/admin/{view.identity}/action/archive"]
    assert view.custom_actions(request_of(app, "viewer")) == {}


async def test_a_form_has_the_fields_that_are_named(patterns: KeyedModelView) -> None:
    form = (await patterns.scaffolded_form(["pattern_name", "expires_at"]))()
    assert {"pattern_name", "expires_at"} <= set(form._fields)


def test_read_only_relationships_are_no_fields(patterns: KeyedModelView) -> None:
    """A field of one would read all rows of the other table, and write none."""
    paths = {path.key for path in inspect_mapper(Pattern).relationships}
    assert {"parent", "children"} <= paths
    assert not paths & {*patterns.get_form_columns(), *patterns.detail_names}


def test_pages_of_an_object_are_found_by_its_whole_key(
    app: Starlette, patterns: KeyedModelView
) -> None:
    pattern = SimpleNamespace(agent_type="a;b", pattern_id="7")
    url = patterns._url_for_details_with_prop(
        request_of(app, "viewer"), SimpleNamespace(parent=pattern), "parent"
    )
    assert url.path == "/admin/patterns/details/a%5C%3Bb%3B7"


def test_an_object_is_read_by_its_whole_key(app: Starlette, patterns: KeyedModelView) -> None:
    request = request_of(app, "viewer")
    request.scope["path_params"] = {"pk": "a\\;b;00000000-0000-4000-8000-000000000000"}
    query = patterns.details_query(request)
    compiled = query.compile(compile_kwargs={"literal_binds": True})
    assert "patterns.agent_type = 'a;b'" in str(compiled)
    assert "pattern_id = '000000000000" in str(compiled)


async def test_a_form_is_parsed_before_sqladmin_reads_it() -> None:
    kind = b"application/x-www-form-urlencoded"
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", kind)],
        BODY_KEY: bytearray(b"name=sonic&name=screwdriver"),
    }

    async def receive() -> Any:
        raise AssertionError("the body was read again")

    request = Request(scope, receive)
    await parse_early(request)
    assert (await request.form()).getlist("name") == ["sonic", "screwdriver"]


# -- one file ----------------------------------------------------------------------------------


def private_names() -> set[str]:
    """What sqladmin's classes have that begins with one underscore."""
    return {
        name
        for kind in (Admin, BaseView, ModelView, ModelConverter)
        for name in [*dir(kind), *inspect.get_annotations(kind), *assigned(kind)]
        if name.startswith("_") and not name.startswith("__")
    }


def assigned(kind: type) -> set[str]:
    """Attributes that the methods of a class, and of those it derives from, assign to self."""
    return {
        name
        for base in kind.__mro__[:-1]
        for name in re.findall(r"self\.(_\w+)(?:: [^=\n]+)? = ", inspect.getsource(base))
    }


def test_private_names_are_used_in_one_file() -> None:
    names = private_names()
    assert {"_views", "_menu", "_admin_ref", "_list_prop_names", "_string_common"} <= names
    uses = [
        f"{file.relative_to(PANEL)}: {node.attr}"
        for file in PANEL.rglob("*.py")
        if file != COMPAT
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in names
    ]
    assert uses == []


def test_templates_use_no_private_name() -> None:
    uses = [
        f"{file.relative_to(PANEL)}: {name}"
        for file in (PANEL / "templates").rglob("*.html")
        for name in re.findall(r"(?:view|admin)\.(_\w+)", file.read_text("utf-8"))
    ]
    assert uses == []
