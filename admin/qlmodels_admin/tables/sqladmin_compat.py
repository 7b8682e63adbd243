"""All that the panel uses of sqladmin beneath its documented names.

Each use has a test, so that a release of sqladmin that changes one is noticed here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqladmin import Admin, BaseView, ModelView
from sqlalchemy import ColumnElement, Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Mapper
from starlette.datastructures import URL, FormData
from starlette.requests import Request
from starlette.routing import Route
from wtforms import Form

from qlmodels_admin.web import is_urlencoded, posted_fields


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A view in sqladmin's menu, below a heading that may be empty."""

    heading: str
    title: str
    url: str
    is_current: bool


class ViewRegistry(Admin):
    """sqladmin's Admin: actions by POST alone, and views that know their own panel."""

    def add_model_view(self, view: Any) -> None:
        super().add_model_view(view)
        self._own_last_view(session_maker=self.session_maker, is_async=self.is_async)

    def add_base_view(self, view: Any) -> None:
        super().add_base_view(view)
        self._own_last_view()

    def find_view(self, identity: str) -> ModelView:
        """Return the view of a table. Raises HTTPException 404."""
        return self._find_model_view(identity)

    def menu_entries(self, request: Request) -> Iterator[MenuEntry]:
        """Yield the views that the request's user may see, in the order of the menu."""
        for item in self._menu.items:
            is_category = item.type_ == "Category"
            heading = item.display_name if is_category else ""
            for entry in item.children if is_category else [item]:
                if all(
                    part.is_visible(request) and part.is_accessible(request)
                    for part in (item, entry)
                ):
                    title = getattr(getattr(entry, "view", None), "title", None)
                    url = entry.url(request)
                    yield MenuEntry(
                        heading,
                        title or entry.display_name,
                        getattr(url, "path", str(url)),
                        entry.is_active(request),
                    )

    def _own_last_view(self, **own: Any) -> None:
        """Have a view itself refer to this panel: its class refers to the last one made."""
        vars(self._views[-1]).update(_admin_ref=self, templates=self.templates, **own)

    def _handle_action_decorated_func(self, func: Any, view: Any, view_instance: Any) -> None:
        """Route an action by POST: it changes rows, so a GET must not reach it."""
        before = len(self.admin.router.routes)
        super()._handle_action_decorated_func(func, view, view_instance)
        for route in self.admin.router.routes[before:]:
            if isinstance(route, Route):
                route.methods = {"POST"}


def panel_of(view: BaseView | ModelView) -> Any:
    """Return the panel that a view was added to."""
    return view._admin_ref


class KeyedModelView(ModelView):
    """sqladmin's ModelView, which finds rows by whole keys and names what it declares."""

    def object_url(self, request: Request, page: str, row: Any) -> str:
        """Return the path of a page of an object."""
        raise NotImplementedError

    def object_condition(self, key: str) -> ColumnElement[bool]:
        """Return the condition that the row of a key meets."""
        raise NotImplementedError

    @property
    def engine(self) -> AsyncEngine:
        """The connections of the view's panel."""
        engine: AsyncEngine = panel_of(self).engine
        return engine

    @property
    def exports(self) -> Any:
        """The connections and files of exports."""
        return panel_of(self).exports

    @property
    def list_names(self) -> list[str]:
        """The attributes that a list shows."""
        return list(self._list_prop_names)

    @property
    def detail_names(self) -> list[str]:
        """The attributes that a row's own page shows."""
        return list(self._details_prop_names)

    @property
    def sortable_names(self) -> list[str]:
        """The attributes that a list can be sorted by."""
        return list(self._sort_fields)

    @property
    def default_sort(self) -> tuple[str, bool]:
        """The attribute that a list is sorted by, and whether in descending order."""
        attribute, descending = self._get_default_sort()[0]
        return self._get_prop_name(attribute), descending

    def label_of(self, name: str) -> str:
        """Return the label of an attribute, the same in lists, forms and on a row's own page."""
        if name in self._column_labels:
            return str(self._column_labels[name])
        columns: Any = inspect(self.model).columns
        return str(columns[name].name if name in columns else name).replace("_", " ")

    def may_delete(self, request: Request) -> bool:
        """Return whether the request's user may delete some row."""
        return self._can_delete_any(request)

    def custom_actions(self, request: Request) -> dict[str, str]:
        """Return the labels of the view's own actions on one row, by the actions' URLs."""
        actions = self._visible_custom_actions(request, True)
        return {str(self._url_for_action(request, name)): label for name, label in actions.items()}

    def get_form_columns(self) -> list[str]:
        return self._without_shown_rows(super().get_form_columns())

    def get_details_columns(self) -> list[str]:
        return self._without_shown_rows(super().get_details_columns())

    def _without_shown_rows(self, names: Sequence[str]) -> list[str]:
        """Leave out read-only relationships: a form would offer every row of another table."""
        mapper: Mapper[Any] = inspect(self.model)
        shown = {path.key for path in mapper.relationships if path.viewonly}
        return [name for name in names if name not in shown]

    async def scaffolded_form(self, names: Sequence[str]) -> type[Form]:
        """Return a form class with the fields of these attributes."""
        return await self.scaffold_form(list(names))

    def _build_url_for(self, name: str, request: Request, obj: Any) -> URL:
        return URL(self.object_url(request, name.removeprefix("admin:"), obj))

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        return select(self.model).where(self.object_condition(str(identifier)))


async def parse_early(request: Request) -> None:
    """Read the form for pages of sqladmin's own, which would read it on the event loop."""
    if request.method == "POST" and is_urlencoded(request):
        request._form = FormData([*await posted_fields(request)])
