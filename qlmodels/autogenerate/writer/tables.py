"""Tables, and what is said of a table as a whole."""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import keys
from qlmodels.autogenerate.writer.base import (
    ASIDE,
    Change,
    Statement,
    Statements,
    Writer,
    bare,
    differing,
    literal,
    options,
    set_aside,
    set_options,
)
from qlmodels.autogenerate.writer.columns import converted, definition, extras, own_name
from qlmodels.autogenerate.writer.rows import guard

COPY = """\
do $$
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
end $$"""


def whole(table: Fact, inline: list[Fact], change: Change) -> Statements:
    """CREATE TABLE with those of its columns, defaults and constraints that fit into it."""
    target = change.target
    chosen = {fact.key for fact in inline}
    columns = {own_name(column): column for column in target.children(table.key, "column")}
    lines = []
    for name in table["columns"]:
        default = target.get(Key("default", columns[name].name))
        fits = default is not None and default.key in chosen
        lines.append(definition(columns[name], default if fits else None))
    lines += [keys.clause(fact) for fact in inline if fact.kind == "constraint"]
    unlogged = "unlogged " if table["unlogged"] else ""
    storage = f" with {options(table['storage'])}" if table["storage"] else ""
    inside = ",\n    ".join(lines)
    body = f"(\n    {inside}\n)" if lines else "()"
    yield Statement(f"create {unlogged}table {table.name} {body}{storage}")
    for column in columns.values():
        yield from extras(column)


def create(table: Fact, change: Change) -> Statements:
    return whole(table, [], change)


def drop(table: Fact, change: Change) -> Statements:
    yield from guard(table.name, None, change)
    yield Statement(f"drop table {table.name}", "loses the table's rows")


def alter(old: Fact, new: Fact, _change: Change) -> Statements:
    if "unlogged" in differing(old, new):
        logged = "unlogged" if new["unlogged"] else "logged"
        yield Statement(
            f"alter table {new.name} set {logged}", "rewrites the table under an exclusive lock"
        )
    yield from set_options(f"alter table {new.name}", old["storage"], new["storage"])


def move_aside(table: Fact, change: Change) -> Statements:
    """First half of a rebuild: indexes and owned sequences go along, nothing is copied yet."""
    if Key("row security", table.name) in change.source:
        yield Statement(f"alter table {table.name} no force row level security")
        yield Statement(f"alter table {table.name} disable row level security")
    yield from set_aside(
        "table",
        table.name,
        "ALTER cannot do this: the table is made anew and its rows are copied under a lock",
    )


def copy_back(table: Fact, change: Change) -> Statements:
    """Second half: the new table exists, without triggers or row security yet."""
    old = f"{ASIDE}.{bare(table.name)}"
    columns = {own_name(c): c for c in change.target.children(table.key, "column")}
    before = {own_name(c): c for c in change.source.children(table.key, "column")}
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
    yield Statement(sql, "copies every row")
    for name, column in columns.items():
        if column["identity"] and name in before and before[name]["identity"]:
            yield restore_position(column["sequence name"])


def restore_position(sequence: str) -> Statement:
    """The next number is what it would have been."""
    return Statement(
        f"select pg_catalog.setval({literal(sequence)}, last_value, is_called)"  # noqa: S608
        f" from {ASIDE}.{bare(sequence)}"
    )


def drop_aside(table: Fact) -> Statement:
    return Statement(f"drop table {ASIDE}.{bare(table.name)}")


def _row_security(old: Fact | None, new: Fact | None, table: str) -> Statements:
    was = (bool(old and old["enabled"]), bool(old and old["forced"]))
    now = (bool(new and new["enabled"]), bool(new and new["forced"]))
    if was[0] != now[0]:
        word = "enable" if now[0] else "disable"
        yield Statement(f"alter table {table} {word} row level security")
    if was[1] != now[1]:
        word = "force" if now[1] else "no force"
        yield Statement(f"alter table {table} {word} row level security")


def _set_identity(identity: Fact, _change: Change) -> Statements:
    yield Statement(f"alter table {identity.name} replica identity {identity['identity']}")


def _set_cluster(cluster: Fact, _change: Change) -> Statements:
    yield Statement(f"alter {cluster.parent.kind} {cluster.name} cluster on {cluster['index']}")


TABLE = Writer(create, drop, alter)
ROW_SECURITY = Writer(
    lambda fact, _: _row_security(None, fact, fact.name),
    lambda fact, _: _row_security(fact, None, fact.name),
    lambda old, new, _: _row_security(old, new, new.name),
)
REPLICA_IDENTITY = Writer(
    _set_identity,
    lambda fact, _: iter((Statement(f"alter table {fact.name} replica identity default"),)),
    lambda _, new, change: _set_identity(new, change),
)
CLUSTER = Writer(
    _set_cluster,
    lambda fact, _: iter((Statement(f"alter table {fact.name} set without cluster"),)),
    lambda _, new, change: _set_cluster(new, change),
)
