"""Statements that insert the rows of a file."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    String,
    Table,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import Grouping

from qlmodels.ddl.quoting import identifier, qualified
from qlmodels_admin.rows import RestoredRow


def insertion(table: Table, names: Sequence[str], numbered: bool) -> Insert:
    """Insert the rows of `lines`, an array of JSON objects."""
    line = (
        func.unnest(bindparam("lines", type_=ARRAY(Text)))
        .table_valued(column("document", Text), with_ordinality="place", name="line")
        .render_derived()
    )
    document = cast(line.c.document, JSONB)
    columns = [table.columns[name] for name in names]
    source = select(*(_value(item, document) for item in columns)).order_by(line.c.place)
    return (RestoredRow if numbered else insert)(table).from_select([*names], source)


def _value(item: Column[Any], document: Any) -> Any:
    if isinstance(item.type, JSONB):
        value = document[item.name]
        return func.nullif(value, literal_column("'null'::jsonb")) if item.nullable else value
    if isinstance(item.type, ARRAY):
        return case(
            (func.jsonb_typeof(document[item.name]) == "array", _array(item, document[item.name])),
            else_=cast(document[item.name].astext, item.type),
        )
    text = document[item.name].astext  # a cast to varchar(50) would cut without a word
    return text if isinstance(item.type, String) else cast(text, item.type)


def _array(item: Column[Any], value: Any) -> Any:
    """A JSON list, also of lists, as the array that the column takes."""
    table = item.table
    record: Any = literal_column(f"null::{qualified(table.schema or 'public', table.name)}")
    row = func.jsonb_populate_record(record, func.jsonb_build_object(item.name, value))
    return type_coerce(Grouping(row).op(".")(literal_column(identifier(item.name))), item.type)
