"""Which of several values Postgres cannot read, and why, in its own words."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels_admin.db import CHECK_VIOLATION, driver_error, is_invalid_value, sqlstate
from qlmodels_admin.rows.errors import OUTSIDE, document_refusal
from qlmodels_admin.values import (
    ColumnText,
    HashedPart,
    cut,
    dump_json,
    family_of,
    off_loop,
    part_text,
    read_by_postgres,
)

MAX_SENTENCE_CHARS: Final = 300


async def refused_values(
    connection: AsyncConnection, values: Mapping[str, Any], columns: Mapping[str, Column[Any]]
) -> dict[str, list[str]]:
    """Have Postgres read each value by itself, and return its refusals by the values' names."""
    refusals = {}
    for name, value in values.items():
        if value is None or isinstance(value, HashedPart):
            continue
        column = columns[name]
        try:
            async with connection.begin_nested():
                read = await off_loop(_read, value, column)
                await connection.execute(select(read.is_(None)))
        except DBAPIError as error:
            if not is_invalid_value(error):
                raise
            is_document = family_of(column).field == "json"
            sentence = document_refusal(error) if is_document else sentence_of(error)
            refusals[name] = [sentence]
    return refusals


def _read(value: Any, column: Column[Any]) -> ColumnElement[Any]:
    family = family_of(column)
    is_text = family.by_text or isinstance(value, ColumnText)
    is_value = family.field == "json" and not is_text
    return read_by_postgres(dump_json(value) if is_value else part_text(value), column)


def sentence_of(error: DBAPIError) -> str:
    """Return what Postgres says of a value, as a sentence."""
    if sqlstate(error) == CHECK_VIOLATION:  # of a domain, whose name says nothing to people
        return OUTSIDE
    cause = driver_error(error)
    parts = [getattr(cause, "message", None) or str(cause), getattr(cause, "detail", None)]
    said = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return cut(f"{said[:1].upper()}{said[1:]}", MAX_SENTENCE_CHARS)
