"""The audit log as a table of the panel: who changed what, searchable, and read by everybody."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, func, literal, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from starlette.requests import Request

from qlmodels.ddl.access import TABLES
from qlmodels.ddl.internal import PRIVATE_SCHEMA, audit_log
from qlmodels.ddl.panel_tables import PANEL_SCHEMA
from qlmodels.tables import metadata
from qlmodels_admin.mapping import full_name
from qlmodels_admin.rows import (
    ChoiceFilter,
    Filter,
    InvalidFilter,
    Search,
    TimeFilter,
    contains_condition,
)
from qlmodels_admin.tables import TableView, Viewer, panel_of
from qlmodels_admin.values import (
    NULL_CELL,
    Difference,
    InvalidRowKey,
    cut,
    differences_of,
    encode_key,
    json_line,
    key_parts,
    key_value,
    shown_difference,
    unstorable,
)

FOR_ADMINS: Final = tuple(
    f"{schema}.{table}"
    for schema, table in (
        (PANEL_SCHEMA, "users"),
        (PANEL_SCHEMA, "sign_in_links"),
        (PANEL_SCHEMA, "sessions"),
        (PRIVATE_SCHEMA, "fleet_grants"),
        (PRIVATE_SCHEMA, "audit_log"),
    )
)
"""Tables whose changes are not everybody's to read."""

SUMMARY_DIFFERENCES = 3
"""Differences that a list's line tells of."""


class AuditEntry:
    """One change of one row, or of a whole table."""

    __tablename__ = "audit_log"


registry(metadata=metadata).map_imperatively(AuditEntry, audit_log)

who = func.coalesce(audit_log.c.panel_user, audit_log.c.login)


@dataclass(frozen=True, slots=True, kw_only=True)
class Who(Filter):
    """A user of the panel, or a login of the database."""

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:  # noqa: ARG002
        return who == _sendable(value.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTable(Filter):
    """Offers the tables that are always audited; the URL can name one of one's own."""

    kind: ClassVar[str] = "choice"
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey(Filter):
    """Rows whose key holds this: `{"q_value_id": 7}`."""

    kind: ClassVar[str] = "json"

    def condition(self, model: Any, value: str) -> ColumnElement[bool]:
        return contains_condition(model.row_key, value, self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchKeys(Search):
    """A term is who, a whole key as in the panel's URLs, or one part of a key."""

    def condition(
        self,
        model: Any,
        term: str,
        agent_types: list[str] | None = None,  # noqa: ARG002
    ) -> ColumnElement[bool]:
        term = _sendable(term.strip())
        documents = dict.fromkeys(_possible_keys(term))
        conditions = [model.row_key.contains(literal(dict(key), JSONB())) for key in documents]
        return or_(who == term, *conditions)

    def placeholder(self) -> str:
        return "user, or the key of a row"


def _possible_keys(term: str) -> list[tuple[tuple[str, Any], ...]]:
    keys = []
    parts = key_parts(term)
    for name in TABLES:
        columns = list(metadata.tables[name].primary_key.columns)
        groups = [columns] if len(parts) > 1 else [[column] for column in columns]
        for group in groups:
            if len(group) != len(parts):
                continue
            try:
                values = [
                    key_value(column, part) for column, part in zip(group, parts, strict=True)
                ]
            except InvalidRowKey:
                continue
            keys.append(
                tuple(
                    (column.name, value if isinstance(value, int) else str(value))
                    for column, value in zip(group, values, strict=True)
                )
            )
    return keys


def _sendable(text: str) -> str:
    if (reason := unstorable(text)) is not None:
        raise InvalidFilter(reason)
    return text


class HistoryView(TableView, model=AuditEntry):
    identity = "audit_log"
    name = "change"
    name_plural = "History"
    can_create = False
    can_edit = False
    can_delete = False
    can_import = False
    question = (
        "Changes by users and the database's owner. Writes of agents are not logged; "
        "the log is append-only."
    )
    empty = "Changes made in the panel or as the database's owner appear here."
    details_template = "history/entry.html"
    column_list = (
        "entry_id",
        "changed_at",
        "login",
        "operation",
        "table_name",
        "row_key",
        "new_values",
        "note",
    )
    column_labels: ClassVar[dict[Any, str]] = {
        "entry_id": "#",
        "changed_at": "when",
        "login": "user",
        "table_name": "table",
        "row_key": "row",
        "new_values": "change",
    }
    column_sortable_list = ("entry_id", "changed_at")
    column_default_sort = ("entry_id", True)
    filters = (
        Who(column="login", parameter="who", title="user"),
        OfTable(
            column="table_name", parameter="table", title="table", values=(*TABLES, *FOR_ADMINS)
        ),
        ChoiceFilter(
            column="operation", values=("insert", "update", "delete", "truncate", "prune")
        ),
        RowKey(column="row_key", parameter="row", title="row"),
        TimeFilter(column="changed_at", parameter="time", title="when"),
        Filter(column="transaction_id", parameter="transaction", title="transaction"),
    )
    search = SearchKeys()
    card = ("changed_at", "login", "new_values")

    def visible_rows(self, user: Viewer) -> Select[Any]:
        query = super().visible_rows(user)
        columns = [audit_log.c.panel_user, audit_log.c.old_values]
        query = query.add_columns(*columns)
        if user.role == "admin":
            return query
        return query.where(audit_log.c.table_name.not_in(FOR_ADMINS))

    def may_see(self, request: Request, row: Any) -> bool:
        return request.state.panel_user.role == "admin" or row["table_name"] not in FOR_ADMINS

    def cell(self, row: Any, name: str, request: Request) -> Markup | str:
        match name:
            case "login":
                return who_of(row)
            case "row_key":
                return self.link_to_row(row, request)
            case "new_values":
                return summary(row)
            case _:
                return super().cell(row, name, request)

    def link_to_row(self, row: Any, request: Request) -> Markup | str:
        """The row that was changed, by its page if the panel has one."""
        if row["row_key"] is None:
            return NULL_CELL
        view = self.view_of(row["table_name"])
        if view is None or not isinstance(row["row_key"], dict):
            return json_line(row["row_key"])
        columns = view.rows.key_columns
        if any(column.name not in row["row_key"] for column in columns):
            return json_line(row["row_key"])
        key = encode_key([row["row_key"][column.name] for column in columns])
        return Markup('<a class="reference" href="{}">{}</a>').format(
            view.url_of(request, "details", key), cut(key, 60)
        )

    def view_of(self, table: str) -> TableView | None:
        """Return the view of all rows of a table, as the log calls it."""
        views = [
            view
            for view in panel_of(self).views
            if isinstance(view, TableView) and full_name(view.rows.table) == table
        ]
        return min(views, key=lambda view: view.rows.condition is not None, default=None)


def who_of(entry: Any) -> Markup:
    """The panel's user, else the login; the other on hover."""
    if entry["panel_user"] is None:
        return Markup('<span class="login" title="a login of the database">{}</span>').format(
            entry["login"]
        )
    return Markup('<span title="by the panel, as {}">{}</span>').format(
        entry["login"], entry["panel_user"]
    )


def changed_values(entry: Any) -> list[Difference]:
    """Return what an update changed, or what a new or deleted row held."""
    return differences_of(entry["old_values"] or {}, entry["new_values"] or {})


def summary(entry: Any) -> Markup:
    if entry["operation"] != "update":
        return Markup('<span class="faint">{}</span>').format(
            {"insert": "new row", "delete": "whole row"}.get(entry["operation"], "")
        )
    differences = changed_values(entry)
    parts = [
        Markup("<b>{}</b> {} → {}").format(
            cut(part.path, 40), brief(part, part.old), brief(part, part.new)
        )
        for part in differences[:SUMMARY_DIFFERENCES]
    ]
    if len(differences) > SUMMARY_DIFFERENCES:
        parts.append(
            Markup('<span class="faint">and {} more</span>').format(
                len(differences) - SUMMARY_DIFFERENCES
            )
        )
    return Markup('<span class="changes">{}</span>').format(Markup(", ").join(parts))


def brief(part: Difference, value: Any) -> Markup:
    text = shown_difference(value, within=part.path != part.column)
    return text if len(text) < 160 else Markup("<code>{}</code>").format(cut(text.striptags(), 40))
