"""What can be done to all rows of a list at once, declared on its view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Table, delete, update
from sqlalchemy.sql.dml import Delete, Update

from qlmodels_admin.values import stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """`name` is its place in URLs and in the audit log, `label` what its button says.

    A subclass says by `statement` what is done to the rows of one batch.
    """

    name: str
    label: str
    help: str = ""
    asks: Sequence[str] = ()
    """Attributes of the model whose fields are filled in first."""
    needs: ClassVar[Literal["edit", "delete"]] = "edit"

    def statement(
        self, table: Table, rows: ColumnElement[bool], values: dict[str, Any]
    ) -> Update | Delete:
        """Change the `rows` of a batch; `values` are those asked for, by their columns' names."""
        raise NotImplementedError

    def changes(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """What columns will hold, by their names: values, or expressions of the row as it was.

        What is told here is shown before anything is done.
        """
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValues(Action):
    """Write its `changes` into each row: the values that it asks for."""

    def changes(self, table: Table, values: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        return values

    def statement(
        self, table: Table, rows: ColumnElement[bool], values: dict[str, Any]
    ) -> Update | Delete:
        changes = self.changes(table, values).items()
        return (
            update(table)
            .where(rows)
            .values({name: stored(table.c[name], value) for name, value in changes})
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRows(Action):
    """Delete each row, and what refers to it as the table has it."""

    name: str = "delete"
    label: str = "Delete all…"
    help: str = "What you delete stays in the History, and can be restored from there row by row."
    needs: ClassVar[Literal["edit", "delete"]] = "delete"

    def statement(
        self,
        table: Table,
        rows: ColumnElement[bool],
        values: dict[str, Any],  # noqa: ARG002
    ) -> Update | Delete:
        return delete(table).where(rows)
