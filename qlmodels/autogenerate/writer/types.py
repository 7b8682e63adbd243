"""Enums, domains and composite types."""

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
    literal,
    set_aside,
)

NOT_VALID = " NOT VALID"
# Linters would have the rules in tables instead: here they are declared, and nothing is of it yet.
LINTED = "-- squawk-ignore ban-create-domain-with-constraint\n"


def _create_type(type_: Fact, _change: Change) -> Statements:
    if type_["base"]:
        linted = LINTED if type_["checks"] else ""
        yield Statement(f"{linted}create domain {type_.name} as {_domain(type_)}")
        for name, check in (type_["checks"] or {}).items():
            if check.endswith(NOT_VALID):
                yield Statement(f"alter domain {type_.name} add constraint {name} {check}")
    elif type_["attributes"]:
        yield Statement(f"create type {type_.name} as ({', '.join(type_['attributes'])})")
    else:
        labels = ", ".join(literal(label) for label in type_["labels"] or ())
        yield Statement(f"create type {type_.name} as enum ({labels})")


def _domain(domain: Fact) -> str:
    parts = [domain["base"]]
    if domain["collation"]:
        parts.append(f"collate {domain['collation']}")
    if domain["default"] is not None:
        parts.append(f"default {domain['default']}")
    if domain["not null"]:
        parts.append("not null")
    checks = (domain["checks"] or {}).items()
    parts += [
        f"constraint {name} {as_read(check)}"
        for name, check in checks
        if not check.endswith(NOT_VALID)
    ]
    return " ".join(parts)


def _drop_type(type_: Fact, _change: Change) -> Statements:
    yield Statement(f"drop {_noun(type_)} {type_.name}")


def aside(key: Key, of: str) -> str | None:
    """The type `of`, which is `key` or made of it, once that was moved aside."""
    if not of.startswith(key.name):
        return None
    return f"{ASIDE}.{bare(key.name)}{of.removeprefix(key.name)}"


def move_aside(type_: Fact) -> Statements:
    return set_aside(
        _noun(type_), type_.name, "ALTER cannot do this: whatever is of this type is converted"
    )


def drop_aside(type_: Fact) -> Statement:
    return Statement(f"drop {_noun(type_)} {ASIDE}.{bare(type_.name)}")


def _noun(type_: Fact) -> str:
    return "domain" if type_["base"] else "type"


def _alter_type(old: Fact, new: Fact, _change: Change) -> Statements | None:
    changed = differing(old, new)
    if changed == {"labels"} and len(old["labels"]) == len(new["labels"]):
        both = zip(old["labels"], new["labels"], strict=True)
        renamed = {before: after for before, after in both if before != after}
        known = {*old["labels"], *new["labels"]}
        return (
            _rename_labels(new, renamed)
            if len(known) == len(old["labels"]) + len(renamed)
            else None
        )
    if changed == {"labels"}:
        kept = [label for label in new["labels"] if label in old["labels"]]
        return _add_labels(old, new) if kept == old["labels"] else None
    if changed <= {"default", "not null", "checks"}:
        return _alter_domain(old, new)
    return None


def _rename_labels(type_: Fact, renamed: dict[str, str]) -> Statements:
    for before, after in renamed.items():
        yield Statement(
            f"alter type {type_.name} rename value {literal(before)} to {literal(after)}"
        )


def _add_labels(old: Fact, new: Fact) -> Statements:
    known = list(old["labels"])
    for position, label in enumerate(new["labels"]):
        if label in known:
            continue
        where = (
            f"after {literal(new['labels'][position - 1])}"
            if position
            else (f"before {literal(known[0])}")
        )
        yield Statement(f"alter type {new.name} add value {literal(label)} {where}")


def _alter_domain(old: Fact, new: Fact) -> Statements:
    head = f"alter domain {new.name}"
    if old["default"] != new["default"]:
        default = new["default"]
        yield Statement(f"{head} {'drop default' if default is None else f'set default {default}'}")
    if old["not null"] != new["not null"]:
        yield Statement(f"{head} {'set' if new['not null'] else 'drop'} not null")
    before, after = old["checks"] or {}, new["checks"] or {}
    for name in before:
        if after.get(name) != before[name]:
            yield Statement(f"{head} drop constraint {name}")
    for name in after:
        if after[name] != before.get(name):
            yield Statement(f"{head} add constraint {name} {as_read(after[name])}")


TYPE = Writer(_create_type, _drop_type, _alter_type)
