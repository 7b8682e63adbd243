"""Columns and their defaults."""

from collections.abc import Iterator, Mapping
from typing import Any

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer.base import (
    ASIDE,
    Change,
    Statement,
    Statements,
    Writer,
    as_read,
    bare,
    differing,
    set_options,
)
from qlmodels.autogenerate.writer.rows import backfill, guard

SEQUENCE_WORDS = {
    "start": "start with",
    "increment": "increment by",
    "minvalue": "minvalue",
    "maxvalue": "maxvalue",
    "cache": "cache",
}


def table_of(fact: Fact) -> str:
    return fact.parent.name


def own_name(column: Fact) -> str:
    """The name of a column without its table."""
    return column.name.removeprefix(f"{table_of(column)}.")


def definition(column: Fact, default: Fact | None = None) -> str:
    """As in CREATE TABLE and ADD COLUMN."""
    parts = [own_name(column), column["type"]]
    if column["collation"]:
        parts.append(f"collate {column['collation']}")
    if column["compression"]:
        parts.append(f"compression {column['compression']}")
    if column["generated"]:
        how = column["generated how"]
        parts.append(f"generated always as ({as_read(column['generated'])}) {how}")
    if column["identity"]:
        parts.append(f"generated {column['identity']} as identity{_sequence(column)}")
    if default is not None:
        parts.append(f"default {default['expression']}")
    if column["not null"] and not column["not null state"]:
        name = column["not null name"]
        parts.append(f"constraint {name} not null" if name else "not null")
    return " ".join(parts)


def usual_sequence(column: Fact) -> dict[str, object]:
    small = {"smallint": 2**15, "integer": 2**31}
    top = small.get(column["type"], 2**63) - 1
    return {
        "start": 1, "increment": 1, "minvalue": 1, "maxvalue": top, "cache": 1, "cycle": False,
    }  # fmt: skip


def sequence_options(values: dict[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if name == "cycle":
            yield "cycle" if value else "no cycle"
        else:
            yield f"{SEQUENCE_WORDS[name]} {value}"


def _sequence(column: Fact) -> str:
    usual = usual_sequence(column)
    wanted = {name: value for name, value in column["sequence"].items() if value != usual[name]}
    if wanted:  # START follows the bounds unless it is said
        wanted["start"] = column["sequence"]["start"]
    words = list(sequence_options(wanted))
    if column["sequence name"] != usual_sequence_name(column):
        words.insert(0, f"sequence name {column['sequence name']}")
    return f" ({' '.join(words)})" if words else ""


def usual_sequence_name(column: Fact) -> str:
    schema, _, table = table_of(column).rpartition(".")
    if '"' in table or '"' in own_name(column):
        return ""
    return f"{schema}.{table}_{own_name(column)}_seq"


def extras(column: Fact) -> Statements:
    """What CREATE TABLE and ADD COLUMN cannot say on every version."""
    head = f"alter table {table_of(column)} alter column {own_name(column)}"
    if column["not null state"]:
        yield from _set_not_null(column, head)
    yield from settings(head, {"compression": column["compression"]}, column.properties)
    if column["sequence kept"]:
        yield Statement(f"alter sequence {column['sequence name']} set {column['sequence kept']}")


def settings(head: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Statements:
    """What ALTER alone can say of a column, of a table's as of a view's."""
    if old.get("storage") != new.get("storage"):
        usual = new.get("usual storage") or old.get("usual storage")
        yield Statement(f"{head} set storage {new.get('storage') or usual}")
    if old.get("compression") != new.get("compression"):
        yield Statement(f"{head} set compression {new.get('compression') or 'default'}")
    if old.get("statistics") != new.get("statistics"):
        yield Statement(f"{head} set statistics {new.get('statistics', -1)}")
    yield from set_options(head, old.get("options"), new.get("options"))


def create(column: Fact, change: Change) -> Statements:
    table, name = table_of(column), own_name(column)
    fill = change.fills.get(column.name)
    default = change.target.get(Key("default", column.name))
    has_value = default or column["generated"] or column["identity"]
    if column["not null"] and not has_value and fill is not None:
        nullable = Fact(column.key, column.of, {**column.properties, "not null": None})
        yield Statement(f"alter table {table} add column {definition(nullable)}")
        yield from backfill(table, name, fill, change)
        yield Statement(f"alter table {table} alter column {name} set not null")
    else:
        volatile = "rewrites the table" if column["generated"] or column["identity"] else None
        yield Statement(f"alter table {table} add column {definition(column, default)}", volatile)
    yield from extras(column)


def drop(column: Fact, change: Change) -> Statements:
    table, name = table_of(column), own_name(column)
    if not column["generated"]:
        yield from guard(table, name, change)
    yield Statement(f"alter table {table} drop column {name}", "loses the column's data")


def alter(old: Fact, new: Fact, change: Change) -> Statements | None:
    if new["generated"] and differing(old, new) & {"generated", "generated how", "type"}:
        return None
    if old["generated"] and not new["generated"] and old["generated how"] == "virtual":
        return None
    return _alter(old, new, change)


def _alter(old: Fact, new: Fact, change: Change) -> Statements:
    head = f"alter table {table_of(new)} alter column {own_name(new)}"
    changed = differing(old, new)
    if "generated" in changed:
        yield Statement(f"{head} drop expression")
    if old["identity"] and not new["identity"]:
        yield Statement(f"{head} drop identity")
    if changed & {"type", "collation"}:
        yield _set_type(old, new, head)
    if changed & {"not null", "not null name", "not null state"}:
        yield from _not_null(old, new, head, change)
    yield from _identity(old, new, head)
    lost = {"storage": None} if "type" in changed else {}
    yield from settings(head, {**old.properties, **lost}, new.properties)


def _set_type(old: Fact, new: Fact, head: str) -> Statement:
    collation = f" collate {new['collation']}" if new["collation"] else ""
    value = converted(old, new)
    using = f" using {value}" if value else ""
    return Statement(
        f"{head} type {new['type']}{collation}{using}",
        "rewrites or scans the table under an exclusive lock",
    )


def converted(old: Fact, new: Fact) -> str | None:
    """The value of a column as another type; None where Postgres converts it unasked."""
    if old["type"].partition("(")[0] == new["type"].partition("(")[0]:
        return None
    read = "::text" if old["type"].startswith(ASIDE) else ""  # two types of one name share no cast
    return f"{own_name(new)}{read}::{new['type']}"


def _not_null(old: Fact, new: Fact, head: str, change: Change) -> Statements:
    table = table_of(new)
    named = differing(old, new) & {"not null name"}
    if old["not null"] and new["not null"] and named and not old["not null state"]:
        yield Statement(
            f"alter table {table} rename constraint {_not_null_name(old)} to {_not_null_name(new)}"
        )
    elif old["not null state"] == "not valid" and new["not null"] and not new["not null state"]:
        yield Statement(f"alter table {table} validate constraint {_not_null_name(new)}")
    else:
        if old["not null"]:
            yield Statement(f"{head} drop not null")
        if new["not null"]:
            fill = change.fills.get(new.name)
            if fill is not None:
                yield from backfill(table, own_name(new), fill, change)
            yield from _set_not_null(new, head)


def _not_null_name(column: Fact) -> str:
    if column["not null name"]:
        return str(column["not null name"])
    bare = table_of(column).rpartition(".")[2].strip('"')
    name = f"{bare}_{own_name(column).strip(chr(34))}_not_null"
    return f'"{name}"' if '"' in column.name else name


def _set_not_null(column: Fact, head: str) -> Statements:
    state = column["not null state"]
    if not column["not null name"] and not state:
        yield Statement(f"{head} set not null", "scans the table under an exclusive lock")
        return
    yield Statement(
        f"alter table {table_of(column)} add constraint {_not_null_name(column)}"
        f" not null {own_name(column)}{f' {state}' if state else ''}"
    )


def _identity(old: Fact, new: Fact, head: str) -> Statements:
    if new["identity"] and not old["identity"]:
        yield Statement(f"{head} add generated {new['identity']} as identity{_sequence(new)}")
        return
    if not new["identity"]:
        return
    actions = []
    if old["identity"] != new["identity"]:
        actions.append(f"set generated {new['identity']}")
    different = {k: v for k, v in new["sequence"].items() if old["sequence"][k] != v}
    actions += [f"set {option}" for option in sequence_options(different)]
    if actions:
        yield Statement(f"{head} {' '.join(actions)}")
    if old["sequence name"] != new["sequence name"]:
        yield Statement(
            f"alter sequence {old['sequence name']} rename to {bare(new['sequence name'])}"
        )
    if kept := old["sequence kept"] != new["sequence kept"] and (
        new["sequence kept"] or {"unlogged": "logged", "logged": "unlogged"}[old["sequence kept"]]
    ):
        yield Statement(f"alter sequence {new['sequence name']} set {kept}")


def create_default(default: Fact, change: Change) -> Statements:
    column = change.target[Key("column", default.name)]
    head = f"alter table {table_of(column)} alter column {own_name(column)}"
    yield Statement(f"{head} set default {default['expression']}")


def drop_default(default: Fact, change: Change) -> Statements:
    column = change.source[Key("column", default.name)]
    yield Statement(f"alter table {table_of(column)} alter column {own_name(column)} drop default")


def alter_default(_old: Fact, new: Fact, change: Change) -> Statements:
    return create_default(new, change)


def _set_view_column(old: Fact | None, new: Fact | None) -> Statements:
    """ALTER TABLE takes every kind of view."""
    some = new or old
    if some is None:
        return
    head = f"alter table {some.parent.name} alter column {own_name(some)}"
    before, after = old.properties if old else {}, new.properties if new else {}
    if before.get("default") != after.get("default"):
        default = after.get("default")
        yield Statement(f"{head} {'drop default' if default is None else f'set default {default}'}")
    yield from settings(head, before, after)


COLUMN = Writer(create, drop, alter)
VIEW_COLUMN = Writer(
    lambda fact, _: _set_view_column(None, fact),
    lambda fact, _: _set_view_column(fact, None),
    lambda old, new, _: _set_view_column(old, new),
)
DEFAULT = Writer(create_default, drop_default, alter_default)

__all__ = ["COLUMN", "DEFAULT", "VIEW_COLUMN", "definition", "extras", "own_name", "table_of"]
