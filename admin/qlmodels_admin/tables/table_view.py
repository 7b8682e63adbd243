"""A table in the panel: what is particular to it, declared."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol

from sqladmin import ModelView
from sqladmin.helpers import slugify_class_name
from sqlalchemy import PrimaryKeyConstraint, Select, Table, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from qlmodels.errors import ConfigurationError
from qlmodels_admin.mapping import (
    ModelAttribute,
    Reference,
    attribute_of,
    full_name,
    mapper_of,
    references_of,
)
from qlmodels_admin.rows import Filter, Related, RowStore, Search, Values, related_table
from qlmodels_admin.tables.actions import Action
from qlmodels_admin.tables.cells import Cells
from qlmodels_admin.tables.row_forms import RowForms
from qlmodels_admin.tables.table_rights import TableRights

RESERVED_PARAMETERS: Final = frozenset(
    {
        "after",
        "before",
        "columns",
        "count",
        "last",
        "note",
        "of",
        "pageSize",
        "search",
        "sort",
        "sortBy",
        "undo",
    }
)
"""Parameters of a list's URL that no filter may have."""


class Viewer(Protocol):
    """A user who looks at a table."""

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str: ...


class TableView(Cells, RowForms, TableRights):
    """Declare what is particular to a table; see `qlmodels_admin.views` for seven examples."""

    category: ClassVar[str] = "Data"
    list_template: ClassVar[str] = "tables/list.html"
    details_template: ClassVar[str] = "tables/details.html"
    create_template: ClassVar[str] = "tables/create.html"
    edit_template: ClassVar[str] = "tables/edit.html"
    can_import: ClassVar[bool] = True
    page_size: ClassVar[int] = 50
    page_size_options: ClassVar[Sequence[int]] = [25, 50, 100, 200]

    question: ClassVar[str] = ""
    """What the table answers, in one sentence, under its name."""

    empty: ClassVar[str] = "There are no rows yet."
    """What an empty list says, and what makes rows appear."""

    filters: Sequence[Filter] = ()

    search: ClassVar[Search] = Search()
    """What a search looks at."""

    card: ClassVar[tuple[str, ...]] = ()
    """The columns that a phone shows, beside the key."""

    create_fields: Sequence[str] | None = None
    """Attributes to fill in for a new row, in the order of the form; all columns unless given.

    A relationship to one row stands for the column that names the row."""

    edit_fields: Sequence[str] | None = None
    """Attributes that may be changed later, never one of the key; all others unless given."""

    actions: ClassVar[Sequence[Action]] = ()
    """What can be done to all rows of a list at once."""

    related: Sequence[Related] | None = None
    """Where a row's own page leads to; to all rows that refer to it unless given."""

    explained: ClassVar[tuple[str, str, str] | None] = None
    """The page of ours that explains a row: its route, the parameter that takes the key's last
    part, beside agent_type, and what the link says."""

    declared: ClassVar[Mapping[str, str]] = {}
    """What the class itself names, of `identity` and `name_plural`."""

    def __init_subclass__(cls) -> None:
        """Keep what sqladmin would name after the model, where the class itself names it."""
        own = vars(cls)
        cls.declared = {name: own[name] for name in ("identity", "name_plural") if name in own}

    @classmethod
    def address(cls) -> str:
        """Return the view's place in URLs: as declared, else its table, else its model.

        Several models may share one table; the table itself is that of their base class.
        """
        if declared := cls.declared.get("identity"):
            return declared
        mapper = mapper_of(cls.model)
        if mapper.single or not isinstance(mapper.local_table, Table):
            return slugify_class_name(cls.model.__name__)
        return full_name(mapper.local_table)

    def __init__(self) -> None:
        super().__init__()
        if type(self).list_query is not ModelView.list_query:
            raise ConfigurationError(
                f"{type(self).__name__} has list_query, which actions beside requests cannot ask. "
                "Override visible_rows instead."
            )
        self.rows = RowStore(self.model)
        self.key_names = self.rows.key
        self.attributes = self._attributes()
        self.links = self._links()
        self.create_names = self._fields(self.create_fields)
        self.edit_names = self._fields(self.edit_fields, besides=self.key_names)
        self.filters = tuple(part.titled(self.label_of(part.column)) for part in self.filters)
        if taken := RESERVED_PARAMETERS & {part.parameter for part in self.filters}:
            raise ConfigurationError(
                f"A filter of {type(self).__name__} has the parameter {min(taken)}, which each "
                "list has itself. Give the filter another one by parameter=."
            )
        self.title = self.declared.get("name_plural") or self.identity
        self.table_name = f"{self.rows.table.schema or 'public'}.{self.rows.table.name}"

    def _attributes(self) -> dict[str, ModelAttribute]:
        """Return what the names mean that the view may show. Raises ConfigurationError."""
        names = [*self.list_names, *self.detail_names, *self.sortable_names]
        try:
            return {
                name: attribute_of(self.model, name)
                for name in dict.fromkeys([*self.rows.columns, *names])
            }
        except ConfigurationError as error:
            raise ConfigurationError(f"{error} {type(self).__name__} shows it.") from error

    def _links(self) -> dict[str, Reference]:
        """Return the rows that attributes refer to, by foreign keys or as declared."""
        links = references_of(self.rows.mapper)
        for name, target in self.references.items():
            table = related_table(self.rows.table, target)
            if name not in links or links[name].target is not table:
                key = [*table.primary_key.columns]
                lead = [column.name for column in key[:-1]]
                links[name] = Reference(table, (*lead, name), tuple(key))
        return links

    def _fields(self, names: Sequence[str] | None, besides: Sequence[str] = ()) -> list[str]:
        """Return the attributes of a form. Raises ConfigurationError."""
        if names is None:
            return [
                name
                for name, column in self.rows.columns.items()
                if name not in besides and column.computed is None and not _is_given(self, name)
            ]
        fields: list[str] = []
        for name in names:
            attribute = self.attributes.get(name) or attribute_of(self.model, name)
            if attribute.column is not None:
                fields.append(self.rows.mapper.get_property_by_column(attribute.column).key)
            elif attribute.local:
                fields += [local for local in attribute.local if local not in besides]
            else:
                raise ConfigurationError(
                    f"A form of {type(self).__name__} names {name}, which is stored in no column "
                    f"of {self.rows.table.name}. Name a column."
                )
        return list(dict.fromkeys(fields))

    async def may(self, request: Request, action: str) -> bool:
        """Return whether the request's user may do `action`, as sqladmin names it, in this table.

        An action over many rows needs what its `needs` names.
        """
        match action:
            case "list":
                return await self.check_can_list(request)
            case "details":
                return await self.check_can_view_details(request, None)
            case "create":
                return await self.check_can_create(request)
            case "edit":
                return await self.check_can_edit(request, None)
            case "delete":
                return await self.check_can_delete(request, None)
            case "export":
                return await self.check_can_export(request)
            case "import":
                return await self.check_can_import(request)
            case _:
                return False

    def may_see(self, request: Request, row: Any) -> bool:  # noqa: ARG002
        """Return whether the request's user may see this row, given that they may see the table."""
        return True

    def visible_rows(self, user: Viewer) -> Select[Any]:  # noqa: ARG002
        """Return the rows that a user may see: key and shown columns, by their attributes' names.

        Lists, exports and actions over many rows narrow this query.
        """
        names = [*self.key_names, *self.list_names, *self.sortable_names]
        shown = [self.attributes[name] for name in names]
        if any(part.is_computed or self.formatter_of(part.name) for part in shown):
            names += self.rows.columns
        for part in shown:
            reference = self.links.get(part.name)
            names += [*part.local, *(reference.local if reference else ())]
        columns = [
            self.rows.selected(sql, name)
            for name in dict.fromkeys(names)
            if (sql := self.attributes[name].sql) is not None
        ]
        query: Select[Any] = select(*columns).select_from(self.model)
        return query if self.rows.condition is None else query.where(self.rows.condition)

    async def read_whole(self, connection: AsyncConnection, key: Sequence[Any]) -> Values | None:
        """Return a row with all that its own page shows; None where there is none."""
        row = await self.rows.read(connection, key)
        columns = [
            self.rows.selected(sql, name)
            for name in self.detail_names
            if name not in self.rows.columns and (sql := self.attributes[name].sql) is not None
        ]
        if row is None or not columns:
            return row
        query = select(*columns).select_from(self.model).where(self.rows.is_row(key))
        result = await connection.execute(query)
        return {**row, **(result.mappings().one_or_none() or {})}

    def indexed(self) -> set[str]:
        """Return the columns that an index keeps in order within an agent type."""
        table = self.rows.table
        unique = [
            [column.name for column in constraint.columns]
            for constraint in table.constraints
            if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
        ]
        btrees = [
            [getattr(part, "name", str(part)) for part in index.expressions]
            for index in table.indexes
            if not index.dialect_options["postgresql"]["using"]
        ]
        leading = {
            names[1] if len(names) > 1 and names[0] == "agent_type" else names[0]
            for names in [*unique, *btrees]
        }
        columns = {column.name: name for name, column in self.rows.columns.items()}
        return {self.key_names[0], *(columns[name] for name in leading if name in columns)}

    @property
    def url_filters(self) -> list[Filter]:
        """The filters that a URL may hold: those of the menu, and each column of a reference."""
        known = {*RESERVED_PARAMETERS, *(part.parameter for part in self.filters)}
        local = dict.fromkeys(name for link in self.links.values() for name in link.local)
        implied = [name for name in local if name not in known]
        return [*self.filters, *(Filter(column=n, title=self.label_of(n)) for n in implied)]

    @property
    def logged_name(self) -> str:
        """The table as the audit log calls it."""
        return full_name(self.rows.table)

    @property
    def is_by_agent_type(self) -> bool:
        """Whether the key, and so each index, begins with the agent type."""
        return len(self.key_names) > 1 and self.key_names[0] == "agent_type"


def _is_given(view: TableView, name: str) -> bool:
    """Return whether the server numbers an attribute, or the class of a row decides it."""
    mapper = view.rows.mapper
    columns = mapper.column_attrs[name].columns
    return any(
        part is mapper.polymorphic_on
        or (isinstance(part.table, Table) and part.table.autoincrement_column is part)
        for part in columns
    )
