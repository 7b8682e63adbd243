"""The statements that take changes back: each for many changes of one shape at a time.

A row is changed only where it still holds what the change wrote, unless somebody saw that it does
not and wants it anyway.
"""

import typing
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningDelete, ReturningUpdate

from qlmodels.ddl.internal import audit_log
from qlmodels_admin.history.change_state import (
    MAX_NAMED_ROWS,
    ChangeState,
    RowsMoved,
    UndoStep,
)
from qlmodels_admin.rows import (
    SET_BY_SERVER,
    Refused,
    RestoredRow,
    cascades_of,
    database_refusal,
    populated,
    related_table,
)
from qlmodels_admin.tables import TableView
from qlmodels_admin.values import as_read, encode_key

UNDONE: Final = ("update", "insert", "delete")
ROWS_A_BATCH: Final = 500


def shape_of(view: TableView, entry: RowMapping) -> tuple[str, str, tuple[str, ...]]:
    """Table, operation, and the columns that taking the change back writes or compares."""
    table: Table = view.rows.table
    old, new = entry["old_values"] or {}, entry["new_values"] or {}
    match entry["operation"]:
        case "update":
            names = {*old, *new}
        case "insert":
            names = {*table.columns.keys()}
        case _:  # what held NULL is not in the log, and gets no default now
            names = {*old, *(column.name for column in table.columns if column.nullable)}
    own = set() if entry["operation"] == "delete" else SET_BY_SERVER
    writable = tuple(
        column.name
        for column in table.columns
        if column.name in names - own and column.computed is None
    )
    return entry["table_name"], entry["operation"], writable


async def reverse(
    connection: AsyncConnection,
    views: Mapping[str, TableView],
    steps: Iterable[UndoStep],
    *,
    anyway: bool = False,
) -> None:
    """Take changes back. Raises Refused, and RowsMoved where a row is not as its change left it.

    A step that is refused is tried again after the others: rows that went with another are logged
    after it, and come back after it too.
    """
    left = list(steps)
    while left:
        refused: list[tuple[UndoStep, Refused]] = []
        for step in left:
            try:
                await _reverse(connection, views[step.table], step, anyway=anyway)
            except Refused as refusal:
                refused.append((step, refusal))
        if len(refused) == len(left):
            raise refused[0][1]
        left = [step for step, _ in refused]


async def _reverse(
    connection: AsyncConnection, view: TableView, step: UndoStep, *, anyway: bool
) -> None:
    if step.operation == "delete":
        await _put_back(connection, view, step)
        return
    statement = _write_back if step.operation == "update" else _take_away
    done = set(await _run(connection, view, statement(view, step, anyway=anyway)))
    if left := tuple(entry for entry in step.entries if entry not in done):
        raise RowsMoved(
            await change_states(connection, view, replace(step, entries=left[:MAX_NAMED_ROWS])),
            left,
        )


async def _put_back(connection: AsyncConnection, view: TableView, step: UndoStep) -> None:
    """What is in the way is never overwritten."""
    states = await change_states(connection, view, step)
    if there := [state for state in states if state.why]:
        raise RowsMoved(there, there)
    past = _past(view, step).subquery("past")
    rows = select(*(past.c[f"old_{name}"] for name in step.columns))
    statement = RestoredRow(view.rows.table).from_select([*step.columns], rows)
    await _run(connection, view, statement.returning(*view.rows.table.primary_key.columns))


async def _run(connection: AsyncConnection, view: TableView, statement: Any) -> list[Any]:
    try:
        async with connection.begin_nested():
            return list(await connection.scalars(statement))
    except DBAPIError as error:
        raise database_refusal(error, view.rows.table) from error


async def change_states(
    connection: AsyncConnection, view: TableView, step: UndoStep
) -> list[ChangeState]:
    """The changes of a step beside their rows, in the step's order."""
    table, past = view.rows.table, _past(view, step).cte("past")
    key = [
        as_read(past.c[f"key_{column.name}"], column).label(f"key_{column.name}")
        for column in table.primary_key.columns
    ]
    names = dict(enumerate(step.columns))
    sides: dict[str, Any] = {
        "old": {name: past.c[f"old_{name}"] for name in step.columns},
        "new": {name: past.c[f"new_{name}"] for name in step.columns},
        "now": table.c,
    }
    columns = [
        past.c.entry_id,
        *key,
        table.primary_key.columns[0].is_not(None).label("is_there"),
        *(
            as_read(side[name], table.c[name]).label(f"{which}_{place}")
            for which, side in sides.items()
            for place, name in names.items()
        ),
        *(condition.label(f"has_{name}") for name, condition in _followers(view).items()),
    ]
    joined = past.outerjoin(table, _is_row(table, past))
    rows = {
        row["entry_id"]: row
        for row in (await connection.execute(select(*columns).select_from(joined))).mappings()
    }

    def side(row: RowMapping, which: str) -> dict[str, Any]:
        return {name: row[f"{which}_{place}"] for place, name in names.items()}

    return [
        ChangeState(
            f"{step.table} {encode_key([row[part.name] for part in key])}",
            step.operation,
            side(row, "old"),
            side(row, "new"),
            side(row, "now") if row["is_there"] else None,
            tuple(name for name in _followers(view) if row[f"has_{name}"])
            if step.operation == "insert"
            else (),
        )
        for row in (rows[entry] for entry in step.entries)
    ]


# -- statements --------------------------------------------------------------------------------


def _past(view: TableView, step: UndoStep) -> Select[Any]:
    """Return of each change its row's key, what it wrote, and what was there before."""
    table, log = view.rows.table, audit_log.c
    empty = literal({}, JSONB())
    old, new = (func.coalesce(side, empty) for side in (log.old_values, log.new_values))
    after = log.row_key.concat(new)  # an update may have moved it
    sides: dict[str, Any] = {
        "old": populated(table, old).lateral("old_row"),
        "new": populated(table, new).lateral("new_row"),
        "key": populated(table, after).lateral("key_row"),
    }
    documents = {"old": log.old_values, "new": log.new_values}
    columns: list[Any] = [log.entry_id]
    for which, document in documents.items():
        for name in step.columns:
            is_document = isinstance(table.c[name].type, JSONB)
            value = document[name] if is_document else sides[which].c[name]
            columns.append(value.label(f"{which}_{name}"))
    columns += [sides["key"].c[part.name].label(f"key_{part.name}") for part in table.primary_key]
    chosen = select(*columns).select_from(
        audit_log.join(sides["old"], literal(True))
        .join(sides["new"], literal(True))
        .join(sides["key"], literal(True))
    )
    return typing.cast("Select[Any]", chosen.where(log.entry_id.in_(step.entries)))


def _is_row(table: Table, past: CTE) -> ColumnElement[bool]:
    return and_(*(part == past.c[f"key_{part.name}"] for part in table.primary_key.columns))


def _is_as_left(table: Table, past: CTE, step: UndoStep) -> list[ColumnElement[bool]]:
    return [
        _written(table.c[name]).is_not_distinct_from(_written(past.c[f"new_{name}"]))
        for name in step.columns
    ]


def _written(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Documents that are equal may differ in the digits of their numbers."""
    return cast(value, Text) if isinstance(value.type, JSONB) else value


def _followers(view: TableView) -> dict[str, ColumnElement[bool]]:
    """Return whether a row has rows that are deleted with it, by their table."""
    table = view.rows.table
    children = [(part, related_table(table, part.table)) for part in cascades_of(table)]
    return {
        part.table: exists().where(
            *(child.c[there] == table.c[here] for there, here in part.columns)
        )
        for part, child in children
        if child is not table
    }


def _write_back(view: TableView, step: UndoStep, *, anyway: bool) -> ReturningUpdate[Any]:
    table, past = view.rows.table, _past(view, step).cte("past")
    unmoved = [] if anyway else _is_as_left(table, past, step)
    values = {name: past.c[f"old_{name}"] for name in step.columns}
    return (
        update(table)
        .where(_is_row(table, past), *unmoved)
        .values(values)
        .returning(past.c.entry_id)
    )


def _take_away(view: TableView, step: UndoStep, *, anyway: bool) -> ReturningDelete[Any]:
    table, past = view.rows.table, _past(view, step).cte("past")
    unmoved = [] if anyway else _is_as_left(table, past, step)
    alone = [~condition for condition in _followers(view).values()]
    return delete(table).where(_is_row(table, past), *unmoved, *alone).returning(past.c.entry_id)
