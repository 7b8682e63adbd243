"""Why a change was not made, in words for people."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import (
    ForeignKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import ColumnCollectionConstraint
from wtforms import Form

from qlmodels.ddl.access import PANEL_ROLE
from qlmodels.ddl.dialect import DIALECT
from qlmodels.errors import QLModelsError
from qlmodels.tables import metadata
from qlmodels_admin.db import driver_error, sqlstate
from qlmodels_admin.values import Difference, differences_of, load_json

Errors = Mapping[str, list[str]]

OUTSIDE = "This value is outside what the column takes."
FIELDS_INVALID = "Nothing was saved: see the fields marked below."


class Refused(QLModelsError):
    """Nothing was saved."""

    status = 422

    def __init__(self, message: str | None = None, errors: Errors | None = None) -> None:
        super().__init__(message)
        self.errors: Errors = errors or {}


class Gone(Refused):
    """This row no longer exists, so nothing was done: go back to the list."""

    status = 404


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field whose value in the database is not what the form was opened with."""

    name: str
    label: str
    base: str | None
    """What it was opened with; None if that was too long to be kept in the page."""
    now: str
    yours: str
    changed_by_you: bool
    is_document: bool

    @property
    def theirs(self) -> list[Difference]:
        """In a document, the places that somebody else changed."""
        return self._since(self.now)

    @property
    def mine(self) -> list[Difference]:
        return self._since(self.yours) if self.changed_by_you else []

    def _since(self, text: str) -> list[Difference]:
        if not self.is_document or self.base is None:
            return []
        try:
            old, new = load_json(self.base), load_json(text)
        except ValueError:
            return []
        return differences_of({self.name: old}, {self.name: new})


class Conflict(Refused):
    """The row changed while you edited it, so nothing was saved."""

    status = 409

    def __init__(self, clashes: list[FieldConflict], current: Form) -> None:
        names = ", ".join(clash.label for clash in clashes)
        super().__init__(
            f"The row changed while you edited it ({names}), so nothing was saved. Choose which "
            "value to save where both of you changed one; the others stay as they are now."
        )
        self.clashes = clashes
        self.current = current
        """The row as it is now, for the form to be saved again."""


def values_refusal(error: ValidationError, changed: set[str]) -> Refused | None:
    """What the model has against the values that are to change; None if nothing."""
    errors: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        if not name or name in changed:
            message = detail["msg"].removeprefix("Value error, ")
            errors.setdefault(name, []).append(f"{message[:1].upper()}{message[1:]}.")
    if not errors:
        return None
    general = " ".join(errors.pop("", []))
    return Refused(general or FIELDS_INVALID, errors)


def database_refusal(error: DBAPIError, table: Table) -> Refused:
    """What the database has against a change, told by its constraint and SQLSTATE."""
    cause, code = driver_error(error), sqlstate(error)
    name = getattr(cause, "constraint_name", None) or ""
    column = getattr(cause, "column_name", None)
    match code:
        case "23505":
            return _not_unique(table, name)
        case "23503" | "23001":
            return _reference(table, name, getattr(cause, "table_name", None) or "")
        case "23514":
            return _check(table, name, getattr(cause, "data_type_name", None))
        case "23502" if column:
            return Refused(None, {_key(column): ["A value is needed here."]})
        case "22001":
            return Refused("Nothing was saved: a text is longer than its column takes.")
        case "22P02" | "22P05" | "22003" | "22008" | "22021" | "22030" | "54000" | "54001":
            return Refused("Nothing was saved: a value is outside what Postgres can hold.")
        case "42501" | "25006":
            return Refused(_not_permitted(table))
        case "55P03" | "57014" | "40P01" | "40001":
            return Refused("Nothing was saved: another change held the row. Try again.")
        case _:
            return Refused(
                f"Nothing was saved: the database refused it (code {code or 'unknown'}). "
                "The panel's log has the details."
            )


def _not_permitted(table: Table) -> str:
    if table.metadata is metadata:
        cure = "`qlmodels doctor` tells what is missing."
    else:
        name = DIALECT.identifier_preparer.format_table(table)
        cure = (
            f"Run as the table's owner: grant insert, update, delete on {name} to {PANEL_ROLE}; "
            "where it has row security, add a policy for that role."
        )
    return f"Nothing was saved: the panel's login may not do this. {cure}"


def document_refusal(error: DBAPIError) -> str:
    """What Postgres has against a document, which is JSON all the same."""
    match sqlstate(error):
        case "22003" | "22P02":
            return "Postgres cannot hold this JSON: a number in it has too many digits."
        case "54001" | "54000":
            return "Postgres cannot hold this JSON: it is too large, or nested too deeply."
        case _:
            return "Postgres cannot hold this JSON."


def _key(column: str) -> str:
    return "extra" if column == "metadata" else column


def _not_unique(table: Table, name: str) -> Refused:
    constraints = [*table.constraints]
    for constraint in constraints:
        if isinstance(constraint, UniqueConstraint) and name == _name_of(constraint, "key"):
            columns = [column.name for column in constraint.columns]
            message = f"Another row has the same {' and '.join(columns)} already."
            return Refused(None, {_key(columns[-1]): [message]})
    return Refused("Nothing was saved: a row with this key exists already.")


def _reference(table: Table, name: str, reported: str) -> Refused:
    if reported and reported != table.name:
        return Refused(
            f"Nothing was done: rows of {reported} refer to this one. Delete them first"
            + (", or make the agent type inactive." if table.name == "agent_types" else ".")
        )
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint) and name == _name_of(constraint, "fkey"):
            column = [*constraint.columns][-1].name
            message = f"There is no such row in {constraint.referred_table.name}"
            message += " of this agent type." if len(constraint.columns) > 1 else "."
            return Refused(None, {_key(column): [message]})
    return Refused("Nothing was saved: it refers to a row that does not exist.")


def _name_of(constraint: ColumnCollectionConstraint, suffix: str) -> str:
    """Return the constraint's name, or the one that Postgres gives where there is none."""
    columns = "_".join(column.name for column in constraint.columns)
    return str(constraint.name or f"{constraint.table.name}_{columns}_{suffix}")


def _check(table: Table, name: str, domain: str | None) -> Refused:
    """A domain's check names the domain alone: any column of that type may be meant."""
    suffix = name.removeprefix(f"ck_{table.name}_")
    if suffix in table.columns:
        return Refused(None, {_key(suffix): [OUTSIDE]})
    if domain is not None:
        meant = [c.name for c in table.columns if getattr(c.type, "domain", None) == domain]
        return Refused(f"Nothing was saved: a value is outside what {' or '.join(meant)} takes.")
    return Refused(f"Nothing was saved: the values break the table's rule {suffix!r}.")
