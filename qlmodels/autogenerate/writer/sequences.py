"""Sequences, whose position outlives what they belong to."""

from qlmodels.autogenerate.facts import Fact, Facts
from qlmodels.autogenerate.writer import base
from qlmodels.autogenerate.writer.base import Change, Statement, Statements, aside, aside_schema
from qlmodels.ddl.quoting import literal

SMALLEST = -(2**63)


def create(sequence: Fact, change: Change) -> Statements:
    yield from base.create(sequence, change)
    before = _column_of(sequence, change.source)
    if before is not None and before["identity"]:
        yield from restored(sequence.name, before["sequence name"])
    elif sequence.key in change.source and change.target.root(sequence.key) in change.rebuilt:
        yield positioned(sequence.name, sequence.name)


def drop(sequence: Fact, change: Change) -> Statements:
    after = _column_of(sequence, change.target)
    if after is not None and after["identity"]:
        yield from kept(sequence.name)
    yield from base.drop(sequence, change)


def _column_of(sequence: Fact, facts: Facts) -> Fact | None:
    return facts.get(sequence.of) if sequence.of is not None else None


def kept(sequence: str) -> Statements:
    """Remember where a sequence is that is about to be dropped."""
    yield from aside_schema(sequence)
    yield Statement(f"create sequence {aside(sequence)} minvalue {SMALLEST}")
    yield Statement(
        f"select pg_catalog.setval({literal(aside(sequence))}, last_value, is_called)"  # noqa: S608
        f" from {sequence}"
    )


def restored(sequence: str, former: str) -> Statements:
    """Let a sequence go on where the one is that took its place."""
    yield positioned(sequence, former)
    yield Statement(f"drop sequence {aside(former)}")


def positioned(sequence: str, former: str) -> Statement:
    """Let the next number be what it would have been."""
    return Statement(
        f"select pg_catalog.setval({literal(sequence)}, last_value, is_called)"  # noqa: S608
        f" from {aside(former)}"
    )
