"""Columns: what ALTER says of them depends on the rows, and on what they were."""

from dataclasses import replace
from typing import Any

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.writer import base, sequences
from qlmodels.autogenerate.writer.base import (
    ASIDE,
    Change,
    Statement,
    Statements,
    bare,
    differing,
)
from qlmodels.autogenerate.writer.rows import backfill, guard

NOT_NULL = ("not null", "not null name", "not null state")
LATER = {"storage", "statistics", "options", "sequence kept"}
"""What CREATE TABLE and ADD COLUMN cannot say on every version."""


def definition(column: Fact, default: Fact | None = None, *, nullable: bool = False) -> str:
    """As in CREATE TABLE and ADD COLUMN."""
    value = f"default {default['expression']}" if default is not None else None
    parts = [column.sql["definition"], value, None if nullable else column.sql["not null"]]
    return " ".join(part for part in parts if part)


def extras(column: Fact, change: Change) -> Statements:
    """What is said of a new column once it exists."""
    if column["not null state"]:
        yield Statement(column.sql["alter"]["not null"])
    plain = {name: value for name, value in column.properties.items() if name not in LATER}
    yield from base.alter(replace(column, properties=plain), column, change) or ()


def holds(column: Fact) -> bool:
    return not column["generated"]


def create(column: Fact, change: Change) -> Statements:
    add = f"alter table {column.parent.name} add column "
    fill = change.fills.get(column.name)
    default = change.target.get(Key("default", column.name))
    made = column["generated"] or column["identity"]
    if column["not null"] and not (default or made) and fill is not None:
        yield Statement(add + definition(column, nullable=True))
        yield from backfill(column.parent.name, column.sql["name"], fill, change)
        yield Statement(column.sql["alter"]["not null"])
    else:
        yield Statement(add + definition(column, default), "rewrites the table" if made else None)
    yield from extras(column, change)


def drop(column: Fact, change: Change) -> Statements:
    table, name = column.parent.name, column.sql["name"]
    if not column["generated"]:
        yield from guard(table, name, change)
    yield Statement(f"alter table {table} drop column {name}", base.WARNINGS["column", "drop"])


def alter(old: Fact, new: Fact, change: Change) -> Statements | None:
    if old["generated how"] == "virtual" and not new["generated"]:
        return None
    usual = new.sql["alter"]
    if new.sql["inherited"]:  # the rest changes with the table that it inherits from
        kept = {name: usual.get(name) if name in LATER else () for name in (*usual, *NOT_NULL)}
        return base.altered(old, new, kept)
    own: dict[str, Any] = {"generated how": usual["generated"]}
    if (value := converted(old, new)) and usual["type"]:
        own["type"] = f"{usual['type']} using {value}"
    not_null = list(_not_null(old, new, change))
    own |= dict.fromkeys(NOT_NULL, not_null)
    before, after = _identity(old, new, change)
    if "type" in differing(old, new):  # which takes the storage of the new one
        old = replace(old, properties={**old.properties, "storage": None})
    return base.altered(old, new, before | usual | own | before | after)


def _identity(old: Fact, new: Fact, change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes before the other alterations, and what takes the place of usual ones."""
    if not new["identity"]:
        serial = old["identity"] and _serial(new, change.target)
        keep = list(sequences.kept(old["sequence name"])) if serial else []
        said = {"identity": [*keep, new.sql["alter"]["identity"]]}
        return said | {name: [] for name in ("sequence", "sequence name", "sequence kept")}, {}
    if not old["identity"]:
        serial = _serial(old, change.source)
        restore = sequences.restored(new["sequence name"], serial.name) if serial else ()
        add = [new.sql["add identity"], *restore]
        return {}, {"identity": add, "sequence": [], "sequence name": []}
    rename = f"rename to {bare(new['sequence name'])}"
    return {"sequence name": f"alter sequence {old['sequence name']} {rename}"}, {}


def _serial(column: Fact, facts: Facts) -> Fact | None:
    """The sequence that a serial column owns."""
    owned = (child for child in facts.children(column.key) if child["owned by"])
    return next(owned, None)


def converted(old: Fact, new: Fact) -> str | None:
    """The value of a column as another type; None where Postgres converts it unasked."""
    if old["type"].partition("(")[0] == new["type"].partition("(")[0]:
        return None
    read = (
        "::text" if old["type"].strip('"').startswith(ASIDE) else ""
    )  # two types of one name share no cast
    return f"{new.sql['name']}{read}::{new['type']}"


def _not_null(old: Fact, new: Fact, change: Change) -> Statements:
    table, changed = new.parent.name, differing(old, new).intersection(NOT_NULL)
    name, former = new.sql["not null name"], old.sql["not null name"]
    state, was = new["not null state"], old["not null state"]
    if changed == {"not null name"} and not state:
        yield Statement(f"alter table {table} rename constraint {former} to {name}")
    elif changed == {"not null state"} and was == "not valid" and not state:
        yield Statement(f"alter table {table} validate constraint {name}")
    elif changed:
        if old["not null"]:
            yield Statement(f"alter table {table} alter column {new.sql['name']} drop not null")
        if new["not null"]:
            fill = change.fills.get(new.name)
            if fill is not None:
                yield from backfill(table, new.sql["name"], fill, change)
            warning = None if state else "scans the table under an exclusive lock"
            yield Statement(new.sql["alter"]["not null"], warning)
