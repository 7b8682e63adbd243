"""Which rows a row refers to, and which refer to it, by foreign keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table, inspect
from sqlalchemy.orm import Mapper

from qlmodels_admin.mapping.attributes import stored_column, tables_of


@dataclass(frozen=True, slots=True)
class Reference:
    """The one row of `target` whose `remote` columns hold what the attributes `local` hold."""

    target: Table
    local: tuple[str, ...]
    remote: tuple[Column[Any], ...]

    def key_of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the columns of the other row by their names; None where it names no row."""
        values = {
            there.name: row[here] for here, there in zip(self.local, self.remote, strict=True)
        }
        return None if None in values.values() else values


def references_of(mapper: "Mapper[Any]") -> dict[str, Reference]:
    """Return the reference of each attribute that names a row, under the last of its columns.

    Of a key of several columns the last one names the row, and the others where it is looked for;
    a column with a key of its own names its own row.
    """
    found: dict[str, Reference] = {}
    for table in tables_of(mapper):
        keys = sorted(table.foreign_key_constraints, key=lambda key: -len(key.elements))
        for key in keys:
            if reference := _reference(mapper, key):
                found[reference.local[-1]] = reference
    return found


def _reference(mapper: "Mapper[Any]", key: ForeignKeyConstraint) -> Reference | None:
    """Return None for the key that joins the tables of one model."""
    if key.referred_table in tables_of(mapper) and key.referred_table is not key.table:
        return None
    names = {column: prop.key for prop in mapper.column_attrs for column in prop.columns}
    pairs = [(names.get(part.parent), part.column) for part in key.elements]
    if any(name is None for name, _ in pairs):
        return None
    return Reference(
        key.referred_table,
        tuple(str(name) for name, _ in pairs),
        tuple(column for _, column in pairs),
    )


def columns_of(mapper: "Mapper[Any]") -> Iterator[tuple[str, Column[Any]]]:
    """Yield the stored columns of a model by the names of their attributes."""
    for name in mapper.columns.keys():  # noqa: SIM118  # not a dictionary
        if (column := stored_column(mapper, name)) is not None:
            yield name, column


def mapper_of(model: type) -> "Mapper[Any]":
    """Return how a class is mapped."""
    mapper: Mapper[Any] = inspect(model)
    return mapper
