"""Former versions of rows, out of the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Table,
    Text,
    cast,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from qlmodels.ddl.internal import audit_log
from qlmodels_admin.db import statements_of
from qlmodels_admin.mapping import full_name
from qlmodels_admin.rows.row_store import RowStore, Values
from qlmodels_admin.values import HashedPart, as_read, family_of, typed_value

query = statements_of(__package__)

MAX_ENTRIES = 20

SET_BY_SERVER = {"updated_at"}
"""A trigger sets it with every change, so it cannot be restored."""


@dataclass(frozen=True, slots=True)
class LoggedVersion:
    """What a row held; of the attributes that the log knows, or of all, if it `is_whole`."""

    key: tuple[Any, ...]
    values: Values
    is_whole: bool


async def history_entries(
    connection: AsyncConnection, rows: RowStore, key: Sequence[Any], limit: int = MAX_ENTRIES
) -> list[RowMapping]:
    """The last changes of one row that people made, newest first; one more than `limit` if more."""
    if any(isinstance(value, HashedPart) for value in key):  # of a row that is not there
        return []
    log, conditions = audit_log.c, []
    for table in rows.tables:
        columns = rows.columns_in(table)
        pairs = [
            part
            for name, value in zip(rows.key, key, strict=True)
            for part in (
                literal(str(columns[name].name), Text()),
                typed_value(value, columns[name]),
            )
        ]
        row = func.jsonb_build_object(*pairs)
        is_row = log.row_key.contains(row) & (log.row_key == row)
        conditions.append((log.table_name == full_name(table)) & is_row)
    result = await connection.execute(
        select(audit_log)
        .where(or_(*conditions))
        .order_by(audit_log.c.entry_id.desc())
        .limit(limit + 1)
    )
    return list(result.mappings().all())


async def read_version(
    connection: AsyncConnection, rows: RowStore, entry: int
) -> LoggedVersion | None:
    """The row as it was after the change `entry`, or before it, if that deleted the row."""
    result = await connection.execute(
        query("version"), {"entry": entry, "table_name": full_name(rows.table)}
    )
    row = result.one_or_none()
    if row is None:
        return None
    values = await _typed(connection, rows, row.held)
    key = await _typed(connection, rows, row.row_key)
    known = {
        name: value
        for name, value in values.items()
        if rows.columns[name].computed is None
        and name not in SET_BY_SERVER
        and (row.is_whole or rows.columns[name].name in row.named)
    }
    return LoggedVersion(tuple(key[name] for name in rows.key), known, row.is_whole)


async def _typed(connection: AsyncConnection, rows: RowStore, document: str) -> Values:
    """The document's values as the columns' types; Postgres itself reads them, to the digit."""
    whole = cast(literal(document), JSONB)
    row = populated(rows.table, whole)
    wanted = [
        (
            whole[own.name]
            if family_of(own).name == "jsonb"
            else as_read(whole[own.name] if family_of(own).name == "json" else row.c[own.name], own)
        ).label(name)
        for name, own in rows.columns_in(rows.table).items()
    ]
    result = await connection.execute(select(*wanted).select_from(row))
    return dict(result.mappings().one())


def populated(table: Table, document: ColumnElement[Any]) -> TableValuedAlias:
    """A document as a row of `table`, to be selected from."""
    quoted = dialect().identifier_preparer.format_table(table)  # type: ignore[no-untyped-call]
    kinds = [column(own.name, own.type) for own in table.columns]
    record = func.jsonb_populate_record(literal_column(f"null::{quoted}"), document)
    return record.table_valued(*kinds)


async def current_transaction(connection: AsyncConnection) -> str | None:
    """The number by which the log knows this transaction; None if it wrote nothing."""
    transaction: str | None = await connection.scalar(
        select(cast(func.pg_current_xact_id_if_assigned(), Text))
    )
    return transaction
