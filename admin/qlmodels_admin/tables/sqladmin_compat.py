"""All that the panel uses of sqladmin beneath its documented names.

Each use has a test, so that a release of sqladmin that changes one is noticed here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from sqladmin import Admin, BaseView, ModelView
from sqladmin._menu import ViewMenu
from sqladmin.exceptions import NoConverterFound
from sqladmin.forms import ModelConverter, converts, get_model_form
from sqladmin.helpers import slugify_class_name
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import URL, FormData
from starlette.requests import Request
from starlette.routing import Route
from wtforms import DecimalField, Form, StringField

from qlmodels.errors import ConfigurationError
from qlmodels_admin.mapping import columns_of, key_names, mapper_of, object_label
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

    replaceable: frozenset[str] = frozenset()
    """Identities of views that another view of their table takes the place of."""

    def add_model_view(self, view: Any) -> None:
        """Add a view under an identity of its own. Raises ConfigurationError."""
        former = next((part for part in self._views if part.identity == view.identity), None)
        if former is not None and not self._replaces(view, former):
            view.identity = slugify_class_name(re.sub(r"(?<=.)(View|Admin)$", "", view.__name__))
            if any(part.identity == view.identity for part in self._views):
                raise ConfigurationError(
                    f"The address /{view.identity} is that of another view than {view.__name__}. "
                    'Give one of them another by identity = "...".'
                )
            former = None
        super().add_model_view(view)
        self._own_last_view(
            session_maker=self.session_maker, is_async=self.is_async, identity=view.identity
        )
        if not issubclass(view, KeyedModelView):
            self._adapt_last_view()
        if former is not None:
            self._put_in_place_of(former)

    def _adapt_last_view(self) -> None:
        """Have a view of sqladmin's own kind name objects, and lead to their pages here."""
        view: Any = self._views[-1]
        targets = [part.mapper.class_ for part in mapper_of(view.model).relationships]
        for target in targets:
            view._column_type_formatters.setdefault(target, object_label)
            view._column_type_formatters_detail.setdefault(target, object_label)
        converter = type("PlainConverter", (PlainFields, view.form_converter), {})

        def identity_of(item: Any) -> str:
            added: list[Any] = [part for part in self._views if part.is_model]
            views = {part.model: part.identity for part in reversed(added)}
            views[view.model] = view.identity
            named = [views[kind] for kind in type(item).__mro__ if kind in views]
            return named[0] if named else slugify_class_name(type(item).__name__)

        vars(view).update(form_converter=converter, _identity_for_object=identity_of)

    def _replaces(self, view: Any, former: BaseView) -> bool:
        return former.identity in self.replaceable and issubclass(view, KeyedModelView)

    def _put_in_place_of(self, former: BaseView) -> None:
        """Have the view that was added last stand where a former one stood."""
        self.replaceable -= {former.identity}
        added = self._views.pop()
        self._views[self._views.index(former)] = added
        groups = [self._menu.items, *(item.children for item in self._menu.items)]
        entries = {id(entry.view): entry for group in groups for entry in group if is_entry(entry)}
        for group in groups:
            group[:] = [
                entries[id(added)] if is_entry(entry) and entry.view is former else entry
                for entry in group
                if not (is_entry(entry) and entry.view is added)
            ]

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


def is_entry(item: Any) -> TypeGuard[ViewMenu]:
    """Return whether an item of sqladmin's menu is a view, and no heading."""
    return isinstance(item, ViewMenu)


def panel_of(view: BaseView | ModelView) -> Any:
    """Return the panel that a view was added to."""
    return view._admin_ref


class PlainFields(ModelConverter):
    """Fields for what sqladmin does not know of SQLAlchemy 2.1, and options by their names."""

    @converts("Float", "Double")  # type: ignore[untyped-decorator]
    def conv_float(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:  # noqa: ARG002
        kwargs.setdefault("places", None)
        return DecimalField(**kwargs)

    def get_converter(self, prop: Any) -> Any:
        """A type that is not known is edited as text."""
        try:
            return super().get_converter(prop)
        except NoConverterFound:
            return self.conv_other

    def conv_other(self, model: type, prop: Any, kwargs: dict[str, Any]) -> Any:  # noqa: ARG002
        return StringField(**kwargs)

    async def _prepare_select_options(self, prop: Any, session_maker: Any) -> list[tuple[str, Any]]:
        async with session_maker() as session:
            objects = (await session.execute(select(prop.mapper.class_))).scalars().unique().all()
        return [(self._get_identifier_value(item), object_label(item)) for item in objects]


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
        """The attributes that a list shows; those of the key unless they are declared."""
        declared = getattr(self, "column_list", ()) or getattr(self, "column_exclude_list", ())
        return list(self._list_prop_names) if declared else key_names(mapper_of(self.model))

    @property
    def detail_names(self) -> list[str]:
        """The attributes that a row's own page shows."""
        return list(self._details_prop_names)

    def formatter_of(self, name: str, *, detail: bool = False) -> Callable[..., Any] | None:
        """Return what shows an attribute, if that is declared; it takes object, name, request."""
        formatters = self._detail_formatters if detail else self._list_formatters
        takes_request = (
            self._detail_formatter_accepts_request
            if detail
            else self._list_formatter_accepts_request
        )
        formatter = formatters.get(name)
        if formatter is None or takes_request[name]:
            return formatter
        return lambda item, attribute, _: formatter(item, attribute)

    @property
    def sortable_names(self) -> list[str]:
        """The attributes that a list can be sorted by."""
        return list(self._sort_fields)

    @property
    def default_sort(self) -> tuple[str, bool]:
        """The attribute that a list is sorted by, and whether in descending order."""
        if not self.column_default_sort:
            return key_names(mapper_of(self.model))[0], False
        attribute, descending = self._get_default_sort()[0]
        return self._get_prop_name(attribute), descending

    def label_of(self, name: str) -> str:
        """Return the label of an attribute, the same in lists, forms and on a row's own page."""
        if name in self._column_labels:
            return str(self._column_labels[name])
        columns = dict(columns_of(mapper_of(self.model)))
        text = str(columns[name].name) if name in columns else name.replace(".", " ")
        return text.replace("_", " ")

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
        """Leave out read-only relationships: a row's page has those rows below, forms would all."""
        relationships = mapper_of(self.model).relationships
        shown = {path.key for path in relationships if path.viewonly}
        return [name for name in names if name not in shown]

    async def scaffolded_form(self, names: Sequence[str]) -> type[Form]:
        """Return a form class with the fields of these attributes."""
        if not names:
            return type("EmptyForm", (self.form_base_class,), {})
        return await get_model_form(
            model=self.model,
            session_maker=self.session_maker,
            only=list(names),
            form_args=self.form_args,
            form_widget_args=self.form_widget_args,
            form_class=self.form_base_class,
            form_overrides=self._form_overrides,
            form_include_pk=True,
            form_converter=self.form_converter,
        )

    def _build_url_for(self, name: str, request: Request, obj: Any) -> URL:
        return URL(self.object_url(request, name.removeprefix("admin:"), obj))

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        return select(self.model).where(self.object_condition(str(identifier)))


async def parse_early(request: Request) -> None:
    """Read the form for pages of sqladmin's own, which would read it on the event loop."""
    if request.method == "POST" and is_urlencoded(request):
        request._form = FormData([*await posted_fields(request)])
