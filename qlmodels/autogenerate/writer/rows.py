"""Statements about rows: filling what may no longer be null, and refusing to lose what is there."""

from collections.abc import Iterable

from qlmodels.autogenerate.facts import Key
from qlmodels.autogenerate.writer.base import Change, Statement, Statements
from qlmodels.ddl.quoting import block, literal

ROWS_A_STATEMENT = 10_000

BACKFILL = """\
declare
    changed bigint;
begin
    loop
        update {table} set {column} = {fill}
        where ctid in (select ctid from {table} where {column} is null limit {batch});
        get diagnostics changed = row_count;
        exit when changed = 0;
    end loop;
end"""

GUARD = """\
begin
    if exists (select from {table}{where})
       and not coalesce(current_setting('qlmodels.lose', true), '') in ('yes', {name}) then
        raise exception {message}
            using hint = {hint};
    end if;
end"""


def backfill(table: str, column: str, fill: str, change: Change) -> Statements:
    """Give `column` the value `fill` in the rows that have none, some thousand at a time."""
    sql = block(BACKFILL.format(table=table, column=column, fill=fill, batch=ROWS_A_STATEMENT))
    yield from unforced(table, change, [Statement(sql, "updates every row without a value")])


def guard(table: str, column: str | None, change: Change) -> Statements:
    """Refuse to go on where rows would be lost that nobody said may be lost."""
    if not change.guarded:
        return
    what = f"{table}.{column}" if column else table
    sql = GUARD.format(
        table=table,
        where=f" where {column} is not null" if column else "",
        name=literal(what),
        message=literal(f"{what.replace('%', '%%')} holds data that this revision would drop"),
        hint=literal(f"To lose it, run again with: alembic -x lose={what} upgrade ..."),
    )
    yield from unforced(table, change, [Statement(block(sql))])


def unforced(table: str, change: Change, statements: Iterable[Statement]) -> Statements:
    """The owner sees every row meanwhile, where row security is forced on it."""
    key = Key("row security", table)
    before, after = (side[key]["forced"] if key in side else False for side in change.sides)
    if before:
        yield Statement(f"alter table {table} no force row level security")
    yield from statements
    if before and after:
        yield Statement(f"alter table {table} force row level security")
