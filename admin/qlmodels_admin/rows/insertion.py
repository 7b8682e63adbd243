"""The statements that insert the lines of a file, with the numbers that rows had."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Table,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    insert,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.dml import Insert

from qlmodels_admin.rows.column_fields import is_numbered
from qlmodels_admin.rows.files import FileLine
from qlmodels_admin.values import family_of


class RestoredRow(PostgresInsert):
    """An INSERT that brings its own values for columns that the server would number itself."""

    inherit_cache = True


@compiles(RestoredRow)
def _put_back(statement: RestoredRow, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_insert(statement, **options)
    return re.sub(r"\) (VALUES \(|SELECT )", r") OVERRIDING SYSTEM VALUE \1", text, count=1)


@dataclass(frozen=True, slots=True)
class Shape:
    """What lines have in common that one statement inserts."""

    names: tuple[str, ...]
    """The columns to insert."""

    is_numbered: bool
    """Whether a number of the server's is among them."""

    holds_texts: bool


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which rows keep the number that a server gave them.

    Those below `given` were given here, and come back as they were; a larger one might be given
    again to a later row, so that row gets a new one.
    """

    table: Table
    given: int | None
    """None where the server gives none, so that a column like SERIAL is one like any other."""

    def shape_of(self, line: FileLine) -> Shape:
        columns = [self.table.columns[name] for name in line.values]
        numbered = [
            item.name
            for item in columns
            if item.identity is not None or (self.given is not None and is_numbered(item))
        ]
        kept = [name for name in numbered if self._is_given(line, name)]
        names = tuple(
            item.name
            for item in columns
            if item.computed is None and (item.name not in numbered or item.name in kept)
        )
        return Shape(names, bool(kept), line.holds_texts)

    def _is_given(self, line: FileLine, name: str) -> bool:
        """Compared without making an int of a number that may have many digits."""
        value = line.values[name]
        try:
            number = int(value) if isinstance(value, str) else value
            return bool(0 < number < (self.given or 0))
        except (TypeError, ValueError):
            return False


def insertion(table: Table, shape: Shape) -> Insert:
    """Insert the rows of `lines`, an array of JSON objects, whose values Postgres reads."""
    line = (
        func.unnest(bindparam("lines", type_=ARRAY(Text)))
        .table_valued(column("document", Text), with_ordinality="place", name="line")
        .render_derived()
    )
    document = cast(line.c.document, JSON)
    columns = [table.columns[name] for name in shape.names]
    read = [column(item.name, item.type) for item in columns if not _is_document(item)]
    given = (
        func.json_to_record(document)
        .table_valued(*(read or [column("none", Text)]))
        .render_derived(name="given", with_types=True)
        .lateral()
    )
    source = select(
        *(
            _document(item, document, shape) if _is_document(item) else given.c[item.name]
            for item in columns
        )
    )
    source = source.select_from(line.join(given, true())).order_by(line.c.place)
    return (RestoredRow if shape.is_numbered else insert)(table).from_select([*shape.names], source)


def _is_document(item: Column[Any]) -> bool:
    return family_of(item).field == "json"


def _document(item: Column[Any], line: ColumnElement[Any], shape: Shape) -> ColumnElement[Any]:
    """Text in CSV, where NULL is nothing; in JSON Lines null is NULL where the column takes it."""
    if shape.holds_texts:
        return cast(line[item.name].as_string(), item.type)
    value = line[item.name]
    if item.nullable:
        value = case((func.json_typeof(value) == "null", null()), else_=value)
    return cast(value, item.type)


async def next_number(connection: AsyncConnection, table: Table, line: FileLine) -> int | None:
    """The number that the server gives to the next row, found by a row that is not kept."""
    numbered = [item for item in table.columns if is_numbered(item)]
    if not numbered:
        return None
    shape = Numbering(table, 1).shape_of(line)
    if not shape.names:
        return None
    attempt = await connection.begin_nested()
    try:
        statement = insertion(table, shape).returning(numbered[0])
        number: int = (await connection.execute(statement, {"lines": [line.document]})).scalar_one()
        return number
    except DBAPIError:
        return None  # the line is refused again, and then said why
    finally:
        await attempt.rollback()
