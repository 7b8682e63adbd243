"""Constraints and indexes."""

from dataclasses import replace

from sqlalchemy import MetaData

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.writer import base
from qlmodels.autogenerate.writer.base import Change, Statement, Statements, differing
from qlmodels.autogenerate.writer.rows import unforced
from qlmodels.ddl.quoting import qualified

NOT_VALID = " NOT VALID"
TYPES = ("primary key", "unique", "exclude", "foreign key", "check")
LOCKS = {
    "primary key": "builds an index while writes wait",
    "unique": "builds an index while writes wait",
    "exclude": "builds an index while writes wait",
    "check": "scans the table under an exclusive lock",
    "foreign key": "scans the table while writes to both tables wait",
}


def inline_order(constraint: Fact) -> tuple[int, str] | None:
    """CREATE TABLE would take as valid what is not."""
    if constraint["definition"].endswith(NOT_VALID):
        return None
    return 2 + TYPES.index(constraint["type"]), constraint.name


def create_constraint(constraint: Fact, change: Change) -> Statements:
    add = f"alter table {constraint.parent.name} add {constraint.sql['clause']}"
    if constraint.of in change.source and not constraint["definition"].endswith(NOT_VALID):
        held = Statement(add, LOCKS[constraint["type"]])
        yield from _seeing_all(constraint, change, iter([held]))
    else:
        yield Statement(add)


def _seeing_all(constraint: Fact, change: Change, statements: Statements) -> Statements:
    """Row security would hide from a foreign key the rows that it refers to, or its own."""
    tables = {change.target[need].parent.name for need in constraint.needs if need.kind == "column"}
    if constraint["type"] == "foreign key":
        for table in sorted(tables):
            statements = unforced(table, change, statements)
    return statements


def alter_constraint(old: Fact, new: Fact, change: Change) -> Statements | None:
    valid = old["definition"] == new["definition"] + NOT_VALID
    if valid and differing(old, new) == {"definition"}:
        validate = f"alter table {new.parent.name} validate constraint {new.sql['name']}"
        return _seeing_all(new, change, iter([Statement(validate)]))
    return base.alter(old, new, change)


def create_index(index: Fact, change: Change) -> Statements:
    if index["invalid"]:
        return  # it served nobody, and nothing but an accident makes one
    definition = index.sql["definition"]
    held = index.of in change.source
    beside_writers = change.concurrently
    if beside_writers is None:
        beside_writers = index.sql.get("concurrently", False)
    if held and beside_writers and not index.sql["of partitions"]:
        yield Statement(f"drop index concurrently if exists {index.name}", concurrently=True)
        sql = definition.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)
        yield Statement(sql, "waits for running transactions", concurrently=True)
    else:
        yield Statement(definition, "writes wait while the index is built" if held else None)
    if index["statistics"]:
        yield from base.written(index.sql["alter"]["statistics"])


def alter_index(old: Fact, new: Fact, change: Change) -> Statements | None:
    if new["invalid"]:
        return base.drop(old, change)
    return base.alter(old, new, change)


def as_declared(metadata: MetaData, facts: Facts) -> Facts:
    """`facts`, of which indexes know whether their model says `postgresql_concurrently`."""
    declared = [
        facts.get(Key("index", qualified(table.schema or "public", str(index.name))))
        for table in metadata.tables.values()
        for index in table.indexes
        if index.dialect_options["postgresql"]["concurrently"]
    ]
    return facts.with_facts(
        *(replace(fact, sql={**fact.sql, "concurrently": True}) for fact in declared if fact)
    )
