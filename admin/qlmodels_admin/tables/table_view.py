"""A table in the panel: sqladmin's ModelView, with exact forms, keyed pages and plain cells."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from urllib.parse import quote, urlencode

from markupsafe import Markup
from sqladmin import ModelView
from sqlalchemy import PrimaryKeyConstraint, Select, UniqueConstraint, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from wtforms import Form

from qlmodels.connection import read_transaction
from qlmodels.formatting import format_number
from qlmodels.tables import AgentType
from qlmodels_admin.db import write_transaction
from qlmodels_admin.rows import ChoiceField, Filter, PanelConverter, RowStore, Search
from qlmodels_admin.tables.actions import Action
from qlmodels_admin.values import (
    NULL_CELL,
    InvalidRowKey,
    abbreviated,
    copy_button,
    cut,
    decode_key,
    encode_key,
    exact_moment,
    json_document,
    json_line,
    relative_moment,
    status_word,
)


@dataclass(frozen=True, slots=True)
class Related:
    """Rows of another table that belong to a row: those whose columns equal ours."""

    table: str
    columns: tuple[tuple[str, str], ...]
    """Pairs of a filter there and an attribute here."""

    @property
    def pairs(self) -> dict[str, str]:
        return dict(self.columns)

    def query(self, row: Any) -> str:
        """The filters of the list that shows them all."""
        return urlencode([(there, str(row[here])) for there, here in self.columns])


class TableView(ModelView):
    """Declare what is particular to a table; see `qlmodels_admin.views` for seven examples."""

    category: ClassVar[str] = "Data"
    list_template: ClassVar[str] = "tables/list.html"
    details_template: ClassVar[str] = "tables/details.html"
    create_template: ClassVar[str] = "tables/create.html"
    edit_template: ClassVar[str] = "tables/edit.html"
    form_converter = PanelConverter
    form_include_pk: ClassVar[bool] = True
    can_import: ClassVar[bool] = True
    page_size: ClassVar[int] = 50
    page_size_options: ClassVar[Sequence[int]] = [25, 50, 100, 200]

    question: ClassVar[str] = ""
    """What the table answers, in one sentence, under its name."""

    empty: ClassVar[str] = "There are no rows yet."
    """What an empty list says, and what makes rows appear."""

    filters: ClassVar[Sequence[Filter]] = ()

    search: ClassVar[Search] = Search()
    """What a search looks at."""

    card: ClassVar[tuple[str, ...]] = ()
    """The columns that a phone shows, beside the key."""

    short: ClassVar[tuple[str, ...]] = ()
    """Columns of which 8 characters are enough: hashes, and references to rows."""

    statuses: ClassVar[tuple[str, ...]] = ()
    """Columns of words that may mean trouble."""

    references: ClassVar[dict[str, str]] = {}
    """The table that a column refers to, within one agent type."""

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
        self.rows = RowStore(self.model)
        self.key_names: list[str] = self.rows.key
        self.title = self.rows.table.name
        self.table_name = f"{self.rows.table.schema or 'public'}.{self.title}"
        self._kinds = {
            name: _KINDS.get(column.type.__visit_name__.lower(), "text")
            for name, column in self.rows.columns.items()
        }

    # -- transactions --------------------------------------------------------------------------

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with read_transaction(self.engine) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, request: Request, note: str = "") -> AsyncIterator[AsyncConnection]:
        """A transaction that tells the audit log which user of the panel it is for, and why."""
        async with self.writing_for(request.state.panel_user.name, note) as connection:
            yield connection

    @asynccontextmanager
    async def writing_for(self, user: str, note: str) -> AsyncIterator[AsyncConnection]:
        """As `writing`, after the request that began it."""
        async with write_transaction(self.engine, user, note) as connection:
            yield connection

    @property
    def engine(self) -> Any:
        return self._admin_ref.engine

    @property
    def exports(self) -> Any:
        """Whose connections and files an export uses."""
        panel: Any = self._admin_ref
        return panel.exports

    # -- keys ----------------------------------------------------------------------------------

    def key_of(self, row: Any) -> str:
        return encode_key([row[name] for name in self.key_names])

    def read_key(self, text: str) -> tuple[Any, ...]:
        """Raises HTTPException 404 where `text` can be no key."""
        try:
            return decode_key(text, self.pk_columns)
        except InvalidRowKey as error:
            raise HTTPException(404, f"There is no such row: {error}.") from error

    def url_of(self, request: Request, page: str, key: str) -> str:
        """The path of a row's page; `page` is details or edit."""
        return f"{_base(request, self.identity)}{page}/{quote(key, safe='')}"

    async def may_act(self, request: Request, action: Action) -> bool:
        """Whether who asks may do `action` to the rows of this table."""
        if action.needs == "delete":
            return await self.check_can_delete(request, None)
        return await self.check_can_edit(request, None)

    def may_see(self, request: Request, row: Any) -> bool:  # noqa: ARG002
        """Whether who asks may see this row, given that they may see the table."""
        return True

    def _build_url_for(self, name: str, request: Request, obj: Any) -> URL:
        key = encode_key([getattr(obj, column) for column in self.key_names])
        return URL(self.url_of(request, name.removeprefix("admin:"), key))

    def _stmt_by_identifier(self, identifier: str) -> Select[Any]:
        return select(self.model).where(self.rows.is_row(self.read_key(str(identifier))))

    # -- lists ---------------------------------------------------------------------------------

    def list_query(self, request: Request) -> Select[Any]:  # noqa: ARG002
        """The key and the shown columns alone, by the names of the attributes."""
        names = dict.fromkeys([*self.key_names, *self._list_prop_names, *self._sort_fields])
        columns: list[Any] = [getattr(self.model, name).label(name) for name in names]
        return cast("Select[Any]", select(*columns))

    def indexed(self) -> set[str]:
        """Columns that an index keeps in order within an agent type."""
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

    # -- cells ---------------------------------------------------------------------------------

    def cell(self, row: Any, name: str, request: Request) -> Markup | str:
        value = row[name]
        if name in self.column_formatters:
            return self.column_formatters[name](row, name, request)  # type: ignore[no-any-return,call-arg]
        if value is None:
            return NULL_CELL
        if name == self.key_names[-1]:
            href = self.url_of(request, "details", self.key_of(row))
            label = str(value)[:8] if name in self.short else f"{value}"
            return Markup('<a class="key" href="%s" title="%s">%s</a>') % (href, value, label)
        if name in self.references:
            return self.reference(request, row, name)
        if name in self.short:
            return abbreviated(value)
        if name in self.statuses:
            return status_word(value)
        return self.shown(name, value)

    def detail(self, row: Any, name: str, request: Request) -> Markup | str:
        """As `cell`, at its full length; what nobody types by hand can be copied."""
        value = row[name]
        if value is None:
            return NULL_CELL
        if self.kind(name) == "uuid" or name in self.short:
            copy = copy_button(value, self.rows.columns[name].name)
            return Markup("{} {}").format(self._whole(row, name, request), copy)
        return self._whole(row, name, request)

    def _whole(self, row: Any, name: str, request: Request) -> Markup | str:
        value = row[name]
        if name in self.references:
            return self.reference(request, row, name, whole=True)
        match self.kind(name):
            case "json":
                return json_document(value)
            case "number":
                return str(value)
            case "moment":
                return Markup("{} <i>{}</i>").format(exact_moment(value), relative_moment(value))
            case "flag":
                return "yes" if value else "no"
            case _ if name in self.statuses:
                return status_word(value)
            case _:
                return Markup('<span class="text">{}</span>').format(value)

    def reference(self, request: Request, row: Any, name: str, *, whole: bool = False) -> Markup:
        """A link to the row that this one refers to."""
        target = self.references[name]
        key = encode_key([row[name]] if target == "agent_types" else [row["agent_type"], row[name]])
        label = str(row[name])
        shown = label[:8] if name in self.short and not whole else label
        return Markup('<a class="reference" href="%sdetails/%s" title="%s">%s</a>') % (
            _base(request, target),
            quote(key, safe=""),
            label,
            shown,
        )

    def shown(self, name: str, value: Any) -> Markup | str:
        """By its type, in one line."""
        match self.kind(name):
            case "json":
                return json_line(value)
            case "number":
                return Markup('<span title="%s">%s</span>') % (value, format_number(value))
            case "moment":
                return relative_moment(value)
            case "flag":
                return "yes" if value else "no"
            case _:
                line = cut(str(value))
                if line == value:
                    return line
                return Markup('<span title="%s">%s</span>') % (value, line)

    def kind(self, name: str) -> str:
        """json, number, moment, flag, uuid or text: how a column is shown and aligned."""
        return self._kinds[name]

    # -- forms ---------------------------------------------------------------------------------

    async def form_of(self, names: Sequence[str]) -> type[Form]:
        """As sqladmin's, with the agent types to choose from, in the order of `names`."""
        form: Any = await self.scaffold_form(list(names))
        if self.model is not AgentType and hasattr(form, "agent_type"):
            async with self.reading() as connection:
                values = await self.agent_types(connection)
            form.agent_type = ChoiceField(
                "agent_type",
                values=values,
                description="Whose row it is; it stays so",
            )
        for place, name in enumerate(names):
            getattr(form, name).creation_counter = place
        return form  # type: ignore[no-any-return]

    async def agent_types(self, connection: AsyncConnection) -> list[str]:
        name = col(AgentType.agent_type)
        return list(await connection.scalars(select(name).order_by(name)))

    def cascades(self) -> list[Related]:
        """The rows that are deleted with a row of this table."""
        found = []
        ours = self.rows.table
        for table in ours.metadata.tables.values():
            for constraint in table.foreign_key_constraints:
                if constraint.referred_table is ours and constraint.ondelete == "CASCADE":
                    pairs = tuple((key.parent.name, key.column.name) for key in constraint.elements)
                    found.append(Related(table.fullname, pairs))
        return found

    async def count_related(
        self, connection: AsyncConnection, related: Related, row: Any, limit: int = 10_000
    ) -> int:
        """Rows that belong to `row`, counted up to `limit` + 1."""
        table = self.rows.table.metadata.tables[related.table]
        conditions = [table.c[there] == row[here] for there, here in related.columns]
        within = select(1).select_from(table).where(*conditions).limit(limit + 1)
        return await connection.scalar(select(func.count()).select_from(within.subquery())) or 0


def _base(request: Request, identity: str) -> str:
    """The path of a table's pages; found once a request, for each row asks."""
    known: dict[str, str] = request.scope.setdefault("qlmodels.paths", {})
    if identity not in known:
        path = request.url_for("admin:list", identity=identity).path
        known[identity] = path.removesuffix("list")
    return known[identity]


_KINDS = {
    "jsonb": "json",
    "json": "json",
    "integer": "number",
    "big_integer": "number",
    "small_integer": "number",
    "float": "number",
    "double": "number",
    "numeric": "number",
    "datetime": "moment",
    "boolean": "flag",
    "uuid": "uuid",
}
