"""Tables, and what is said of a table as a whole."""

from dataclasses import replace

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.writer import base
from qlmodels.autogenerate.writer.base import (
    Change,
    Statement,
    Statements,
    aside,
    options,
    set_aside,
)
from qlmodels.autogenerate.writer.columns import converted, definition, extras
from qlmodels.autogenerate.writer.privileges import fresh
from qlmodels.autogenerate.writer.rows import guard
from qlmodels.autogenerate.writer.sequences import positioned
from qlmodels.ddl.quoting import block, literal

REBUILDS = "ALTER cannot do this: the table is made again and its rows are copied under a lock"
COPY = """\
declare
    found bigint;
    copied bigint;
begin
    select count(*) into found from {old};
    insert into {new} ({columns}) overriding system value
    select {values} from {old};
    get diagnostics copied = row_count;
    if copied <> found then
        raise exception {message}, copied, found;
    end if;
end"""


def whole(table: Fact, inline: list[Fact], change: Change) -> Statements:
    """CREATE TABLE with those of its columns, defaults and constraints that fit into it."""
    chosen = {fact.key for fact in inline}
    columns = columns_of(table, change.target)
    lines = []
    own: list[str] = [name for name in table.sql["columns"] if name in columns]  # not inherited
    for name in own:
        default = change.target.get(Key("default", columns[name].name))
        fits = default is not None and default.key in chosen
        lines.append(definition(columns[name], default if fits else None))
    lines += [fact.sql["clause"] for fact in inline if fact.kind == "constraint"]
    storage = f" with {options(table['storage'])}" if table["storage"] else ""
    inside = ",\n    ".join(lines)
    body = f" (\n    {inside}\n)" if lines else "" if table["partition of"] else " ()"
    end = f" {table.sql['end']}" if table.sql["end"] else ""
    yield Statement(f"{table.sql['create']}{body}{end}{storage}")
    for column in columns.values():
        yield from extras(column, change)
    for part in (table, *columns.values()):
        yield from fresh(part, change)
    if table.key in change.rebuilt:
        yield from _copy_back(table, change)


def columns_of(table: Fact, facts: Facts) -> dict[str, Fact]:
    return {column.sql["name"]: column for column in facts.children(table.key, "column")}


def drop(table: Fact, change: Change) -> Statements:
    yield from guard(table.name, None, change)
    yield from base.drop(table, change)


def alter(old: Fact, new: Fact, _change: Change) -> Statements | None:
    """A partition is attached elsewhere, a child inherits from others."""
    bound, heirs = [], []
    if old["partition of"]:
        bound.append(old.sql["detach"])
    if new["partition of"]:
        bound.append(new.sql["attach"])
    for parents, others, verb in (
        (old["inherits"] or [], new["inherits"] or [], "no inherit"),
        (new["inherits"] or [], old["inherits"] or [], "inherit"),
    ):
        gone = [parent for parent in parents if parent not in others]
        heirs += [f"alter table {new.name} {verb} {parent}" for parent in gone]
    own = {"partition of": bound, "bound": bound, "inherits": heirs}
    return base.altered(old, new, {**new.sql["alter"], **own})


def move_aside(table: Fact, change: Change) -> Statements:
    """First half of a rebuild: indexes and owned sequences go along, nothing is copied yet."""
    if Key("row security", table.name) in change.source:
        yield Statement(f"alter table {table.name} no force row level security")
        yield Statement(f"alter table {table.name} disable row level security")
    for statement in set_aside("table", table.name, REBUILDS):
        yield replace(statement, rebuilds=table.name) if statement.warning else statement


def _copy_back(table: Fact, change: Change) -> Statements:
    """Second half: the new table exists, without triggers or row security yet."""
    old = aside(table.name)
    columns = columns_of(table, change.target)
    before = columns_of(table, change.source)
    names, values = [], []
    for name, column in columns.items():
        if column["generated"]:
            continue
        fill = change.fills.get(column.name)
        if name in before:
            names.append(name)
            filled = fill is not None and column["not null"] and not before[name]["not null"]
            value = converted(before[name], column) or name
            values.append(f"coalesce({value}, {fill})" if filled else value)
        elif fill is not None:
            names.append(name)
            values.append(fill)
    message = literal(f"only % of % rows of {table.name.replace('%', '%%')} could be copied")
    sql = COPY.format(
        new=table.name, old=old, columns=", ".join(names), values=", ".join(values), message=message
    )
    yield Statement(block(sql), "copies every row")
    for name, column in columns.items():
        if column["identity"] and name in before and before[name]["identity"]:
            yield positioned(column["sequence name"], column["sequence name"])


def drop_aside(table: Fact) -> Statement:
    return Statement(f"drop table {aside(table.name)}")
