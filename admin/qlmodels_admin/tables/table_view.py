"""A table in the panel: what is particular to it, declared."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, cast

from sqladmin import ModelView
from sqlalchemy import PrimaryKeyConstraint, Select, UniqueConstraint, select
from starlette.requests import Request

from qlmodels.errors import ConfigurationError
from qlmodels_admin.rows import Filter, Related, RowStore, Search
from qlmodels_admin.tables.actions import Action
from qlmodels_admin.tables.cells import Cells
from qlmodels_admin.tables.row_forms import RowForms


class Viewer(Protocol):
    """A user who looks at a table."""

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str: ...


class TableView(Cells, RowForms):
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

    create_fields: ClassVar[Sequence[str]] = ()
    """Attributes to fill in for a new row, in the order of the form."""

    edit_fields: ClassVar[Sequence[str]] = ()
    """Attributes that may be changed later; never one of the key."""

    actions: ClassVar[Sequence[Action]] = ()
    """What can be done to all rows of a list at once."""

    related: ClassVar[tuple[Related, ...]] = ()
    """Where a row's own page leads to."""

    explained: ClassVar[tuple[str, str, str] | None] = None
    """The page of ours that explains a row: its route, the parameter that takes the key's last
    part, beside agent_type, and what the link says."""

    def __init__(self) -> None:
        super().__init__()
        if type(self).list_query is not ModelView.list_query:
            raise ConfigurationError(
                f"{type(self).__name__} has list_query, which actions beside requests cannot ask. "
                "Override visible_rows instead."
            )
        self.rows = RowStore(self.model)
        self.key_names = self.rows.key
        self.filters = tuple(part.titled(self.label_of(part.column)) for part in self.filters)
        self.title = self.rows.table.name
        self.table_name = f"{self.rows.table.schema or 'public'}.{self.title}"

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
        names = dict.fromkeys([*self.key_names, *self.list_names, *self.sortable_names])
        columns: list[Any] = [getattr(self.model, name).label(name) for name in names]
        return cast("Select[Any]", select(*columns))

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
        leading = {names[1] if len(names) > 1 else names[0] for names in [*unique, *btrees]}
        return {self.key_names[0], *leading}
