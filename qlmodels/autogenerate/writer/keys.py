"""Constraints and indexes."""

from qlmodels.autogenerate.facts import Fact
from qlmodels.autogenerate.writer.base import (
    Change,
    Statement,
    Statements,
    Writer,
    as_read,
    differing,
    options,
    set_options,
)
from qlmodels.autogenerate.writer.rows import unforced

NOT_VALID = " NOT VALID"
LOCKS = {
    "primary key": "builds an index while writes wait",
    "unique": "builds an index while writes wait",
    "exclude": "builds an index while writes wait",
    "check": "scans the table under an exclusive lock",
    "foreign key": "scans the table while writes to both tables wait",
}


def clause(constraint: Fact) -> str:
    """As in CREATE TABLE and ADD."""
    storage = constraint["storage"]
    shape, deferrable, rest = as_read(constraint["definition"]).partition(" DEFERRABLE")
    with_ = f" WITH {options(storage)}" if storage else ""
    return f"constraint {constraint['name']} {shape}{with_}{deferrable}{rest}"


def _table(fact: Fact) -> str:
    return fact.parent.name


def _create_constraint(constraint: Fact, change: Change) -> Statements:
    held = constraint.of in change.source and not constraint["definition"].endswith(NOT_VALID)
    add = Statement(
        f"alter table {_table(constraint)} add {clause(constraint)}",
        LOCKS[constraint["type"]] if held else None,
    )
    yield from _seeing_all(constraint, change, iter([add])) if held else [add]


def _seeing_all(constraint: Fact, change: Change, statements: Statements) -> Statements:
    """Row security would hide from a foreign key the rows that it refers to, or its own."""
    tables = {change.target[need].parent.name for need in constraint.needs if need.kind == "column"}
    if constraint["type"] == "foreign key":
        for table in sorted(tables):
            statements = unforced(table, change, statements)
    return statements


def _drop_constraint(constraint: Fact, _change: Change) -> Statements:
    yield Statement(f"alter table {_table(constraint)} drop constraint {constraint['name']}")


def _alter_constraint(old: Fact, new: Fact, change: Change) -> Statements | None:
    changed = differing(old, new)
    if changed == {"storage"}:
        schema = _table(new).rpartition(".")[0]
        return set_options(f"alter index {schema}.{new['name']}", old["storage"], new["storage"])
    if changed == {"definition"} and old["definition"] == new["definition"] + NOT_VALID:
        validate = Statement(f"alter table {_table(new)} validate constraint {new['name']}")
        return _seeing_all(new, change, iter([validate]))
    return None


def _create_index(index: Fact, change: Change) -> Statements:
    if index["invalid"]:
        return  # it served nobody, and nothing but an accident makes one
    definition = as_read(index["definition"])
    held = index.of in change.source
    if held and change.concurrently:
        yield Statement(f"drop index concurrently if exists {index.name}", concurrently=True)
        sql = definition.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)
        yield Statement(sql, "waits for running transactions", concurrently=True)
    else:
        yield Statement(definition, "writes wait while the index is built" if held else None)
    yield from _statistics(None, index)


def _drop_index(index: Fact, _change: Change) -> Statements:
    if_exists = "if exists " if index["invalid"] else ""  # where it was never begun, there is none
    yield Statement(f"drop index {if_exists}{index.name}")


def _alter_index(old: Fact, new: Fact, change: Change) -> Statements | None:
    if new["invalid"]:
        return _drop_index(old, change)
    if old["invalid"] or old["shape"] != new["shape"]:
        return None
    return _alter_index_settings(old, new)


def _alter_index_settings(old: Fact, new: Fact) -> Statements:
    yield from set_options(f"alter index {new.name}", old["storage"], new["storage"])
    yield from _statistics(old, new)


def _statistics(old: Fact | None, new: Fact) -> Statements:
    before = (old and old["statistics"]) or {}
    after = new["statistics"] or {}
    for column in sorted(before | after, key=int):
        if before.get(column) != after.get(column):
            target = after.get(column, -1)
            yield Statement(f"alter index {new.name} alter column {column} set statistics {target}")


CONSTRAINT = Writer(_create_constraint, _drop_constraint, _alter_constraint)
INDEX = Writer(_create_index, _drop_index, _alter_index)

__all__ = ["CONSTRAINT", "INDEX", "clause"]
