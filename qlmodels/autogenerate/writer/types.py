"""Enums, domains and composite types."""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import base
from qlmodels.autogenerate.writer.base import (
    CannotWrite,
    Change,
    Statement,
    Statements,
    aside,
    set_aside,
)
from qlmodels.autogenerate.writer.keys import NOT_VALID
from qlmodels.ddl.quoting import literal

# Linters would have the rules in tables instead: here they are declared, and nothing is of it yet.
LINTED = "-- squawk-ignore ban-create-domain-with-constraint\n"


def create(type_: Fact, change: Change) -> Statements:
    checks = type_["checks"] or {}
    inline = [f" constraint {n} {c}" for n, c in checks.items() if not c.endswith(NOT_VALID)]
    for statement in base.create(type_, change):
        yield Statement(f"{LINTED if checks else ''}{statement.sql}{''.join(inline)}")
    for name, check in checks.items():
        if check.endswith(NOT_VALID):
            yield Statement(f"alter domain {type_.name} add constraint {name} {check}")


def makes_way(type_: Fact) -> bool:
    """A range has functions of its name, which would stay where they are."""
    return type_["range"] is None


def former(key: Key, of: str) -> str | None:
    """The type `of`, which is `key` or made of it, once that was moved aside."""
    if not of.startswith(key.name):
        return None
    return f"{aside(key.name)}{of.removeprefix(key.name)}"


def move_aside(type_: Fact) -> Statements:
    return set_aside(
        type_.sql["noun"], type_.name, "ALTER cannot do this: whatever is of this type is converted"
    )


def drop_aside(type_: Fact) -> Statement:
    return Statement(f"drop {type_.sql['noun']} {aside(type_.name)}")


def alter(old: Fact, new: Fact, change: Change) -> Statements | None:
    alter = {
        **new.sql["alter"],
        "checks": list(_alter_checks(old, new)),
        "attributes": _alter_attributes(old, new, change),
        "labels": None,
    }
    before, after = old["labels"] or [], new["labels"] or []
    renamed = dict(pair for pair in zip(before, after, strict=False) if pair[0] != pair[1])
    if _used_at_once(new, [label for label in after if label not in before], change):
        return None
    if before == [label for label in after if label in before]:
        alter["labels"] = list(_add_labels(before, new))
    elif len(before) == len(after) and not {*before}.intersection(renamed.values()):
        alter["labels"] = list(_rename_labels(new, renamed))
    return base.altered(old, new, alter)


def _alter_attributes(old: Fact, new: Fact, change: Change) -> list[str] | None:
    """Of a composite type; None where it makes way and values are converted one by one."""
    before, after = _attributes(old), _attributes(new)
    kept = [name for name in before if name in after]
    other_types = [name for name in kept if before[name] != after[name]]
    in_order = list(after)[: len(kept)] == kept
    if used := [key for key in change.source.dependents(old.key) if key.kind == "column"]:
        if not in_order or (other_types and before.keys() != after.keys()):
            raise CannotWrite(
                f"{new.key} has other attributes than before, which {used[0]} has values of."
                " Change one attribute at a time, and add new ones at the end."
            )
        if other_types:
            return None
    if not in_order:
        return None
    head = f"alter type {new.name}"
    return [
        *(f"{head} drop attribute {name}" for name in before if name not in after),
        *(
            f"{head} alter attribute {name} type{after[name].removeprefix(name)}"
            for name in other_types
        ),
        *(f"{head} add attribute {after[name]}" for name in after if name not in before),
    ]


def _attributes(type_: Fact) -> dict[str, str]:
    """Each with its type, by name."""
    names, attributes = type_.sql["attribute names"] or [], type_["attributes"] or []
    return dict(zip(names, attributes, strict=True))


def _used_at_once(type_: Fact, added: list[str], change: Change) -> bool:
    """No statement may use a label in the transaction that adds it to a type."""
    changed = [
        fact
        for fact in map(change.target.get, change.target.dependents(type_.key))
        if fact is not None and (fact.key, fact) not in change.source.items()
    ]
    said = [str(value) for fact in changed for value in fact.properties.values()]
    said += [change.fills.get(fact.name, "") for fact in changed]
    return any(literal(label) in text for label in added for text in said)


def _rename_labels(type_: Fact, renamed: dict[str, str]) -> Statements:
    for before, after in renamed.items():
        yield Statement(
            f"alter type {type_.name} rename value {literal(before)} to {literal(after)}"
        )


def _add_labels(known: list[str], type_: Fact) -> Statements:
    labels = type_["labels"] or []
    for position, label in enumerate(labels):
        if label not in known:
            where = f" before {literal(known[0])}" if known else ""
            if position:
                where = f" after {literal(labels[position - 1])}"
            yield Statement(f"alter type {type_.name} add value {literal(label)}{where}")


def _alter_checks(old: Fact, new: Fact) -> Statements:
    head = f"alter domain {new.name}"
    before, after = old["checks"] or {}, new["checks"] or {}
    for name in before:
        if after.get(name) != before[name]:
            yield Statement(f"{head} drop constraint {name}")
    for name in after:
        if after[name] != before.get(name):
            yield Statement(f"{head} add constraint {name} {after[name]}")
