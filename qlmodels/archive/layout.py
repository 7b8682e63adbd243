"""Which tables an archive holds, in the order in which they can be written again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Integer, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

import qlmodels.tables  # noqa: F401  (declares the tables)
from qlmodels.ddl.quoting import identifier, literal, qualified
from qlmodels.files import sql_of
from qlmodels.tables import metadata

sql = sql_of("qlmodels.archive")


FieldKind: TypeAlias = Literal[
    "text", "uuid", "number", "integer", "flag", "moment", "document", "texts"
]

TABLE_ORDER = (
    "agent_types",
    "sessions",
    "trajectories",
    "q_values",
    "rewards",
    "patterns",
    "agent_states",
)
"""Each table after those that its keys refer to."""

LINKS = {"patterns": "parent_pattern_id"}
"""Keys into the table itself: set when all its rows are there."""

SQL_TYPES: dict[FieldKind, str] = {
    "text": "text",
    "uuid": "uuid",
    "number": "double precision",
    "integer": "bigint",
    "flag": "boolean",
    "moment": "timestamptz",
    "document": "jsonb",
    "texts": "text[]",
}


@dataclass(frozen=True)
class Field:
    """A column that is written and read; what the server computes is neither."""

    name: str
    kind: FieldKind

    @property
    def quoted(self) -> str:
        return identifier(self.name)

    @property
    def as_json(self) -> str:
        """SQL of the value as JSON text, NULL where it is NULL."""
        cast = "{}::text" if self.kind == "document" else "to_json({})::text"
        return cast.format(self.quoted)

    @property
    def as_member(self) -> str:
        """SQL of a member of a JSON object."""
        return f"{literal(self.name_in_json + ':')} || {self.as_json}"

    @property
    def name_in_json(self) -> str:
        return f'"{self.name}"'


@dataclass(frozen=True)
class Layout:
    """A table with its fields, and the SQL that writes and reads its rows."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    identity: str | None
    """A column that the server numbers."""

    lacking: tuple[Field, ...] = ()
    """Fields that an archive of an earlier revision does not have."""

    @property
    def quoted(self) -> str:
        return qualified("public", self.name)

    @property
    def order(self) -> str:
        return ", ".join(map(identifier, self.key))

    def as_of(self, columns: Collection[str]) -> "Layout":
        """The layout of an archive that has these columns: the others take their default."""
        present = tuple(field for field in self.fields if field.name in columns)
        lacking = tuple(field for field in self.fields if field.name not in columns)
        return replace(self, fields=present, lacking=lacking)

    def select(self, expressions: Sequence[str]) -> str:
        """All rows of the agent types in $1, in the order of their keys."""
        return sql("select_rows").format(
            expressions=", ".join(expressions), table=self.quoted, order=self.order
        )

    def insert(self, into: str | None = None) -> str:
        """The rows of the JSON objects in $1 that belong to the agent types in $2.

        A JSON null is a document; what is NULL is no member of the object. `into` names another
        table of the same columns.
        """
        link = LINKS.get(self.name)
        return sql("insert_rows").format(
            table=into or self.quoted,
            columns=", ".join(field.quoted for field in self.fields if field.name != link),
            values=", ".join(_value(field) for field in self.fields if field.name != link),
            record=", ".join(f"{field.quoted} {SQL_TYPES[field.kind]}" for field in self.fields),
        )

    def upsert(self) -> str:
        """`insert`, where a row with that key takes the values of the archive."""
        others = [field.quoted for field in self.fields if field.name not in self.key]
        assignments = ", ".join(
            [
                *(f"{name} = excluded.{name}" for name in others),
                *(f"{field.quoted} = default" for field in self.lacking),
            ]
        )
        return f"{self.insert()} on conflict ({self.order}) do update set {assignments}"

    def link(self) -> str | None:
        """Set what `insert` left out, from the same $1 and $2."""
        link = LINKS.get(self.name)
        if link is None or link not in {field.name for field in self.fields}:
            return None
        own = next(name for name in self.key if name != "agent_type")
        return sql("link_rows").format(
            table=self.quoted, key=identifier(own), link=identifier(link)
        )


def _value(field: Field) -> str:
    name = f"given.{field.quoted}"
    if field.kind != "document":
        return name
    return f"coalesce({name}, (line.document::json -> {literal(field.name)})::text::jsonb)"


@cache
def layouts() -> tuple[Layout, ...]:
    return tuple(_layout(metadata.tables[name]) for name in TABLE_ORDER)


def _layout(table: Table) -> Layout:
    numbered = [column.name for column in table.columns if column.identity is not None]
    return Layout(
        table.name,
        tuple(column.name for column in table.primary_key.columns),
        tuple(
            Field(column.name, _kind(column)) for column in table.columns if column.computed is None
        ),
        numbered[0] if numbered else None,
    )


def _kind(column: Column[object]) -> FieldKind:
    match column.type:
        case JSONB():
            return "document"
        case ARRAY():
            return "texts"
        case Uuid():
            return "uuid"
        case DateTime():
            return "moment"
        case Boolean():
            return "flag"
        case Integer():
            return "integer"
        case String():
            return "text"
        case _:
            return "number"
