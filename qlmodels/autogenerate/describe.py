"""Differences in words, for `alembic check` and for the log."""

from typing import Any

from qlmodels.autogenerate.diff import SchemaDifference
from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import KINDS
from qlmodels.autogenerate.writer.privileges import usual

MAX_VALUE_CHARS = 200
# Told by other properties, or no more than a name.
UNSAID = {"signature", "argument defaults"}
WHOLE = "definition"
UPPER = {"using": "USING", "with check": "WITH CHECK", "not null": "NOT NULL", "where": "WHERE"}

NO_PRIVILEGE = "{} (this login has no right to fix it: ask a superuser)"
UNDECLARED = (
    "{} is in the database and not declared: declare it, drop it (-x undeclared=drop) or have it"
    " listed only (-x undeclared=list)"
)
UNCOMPARED = "{} is in the database, and of a kind that is not compared: look at it yourself"


def describe(difference: SchemaDifference) -> str:
    """`policy own on tools: USING is (a = b) in the database, true in the models`"""
    key, old, new = difference.key, difference.old, difference.new
    if KINDS[key.kind].described is None and (old is None or new is None):
        where = "in the models, not in the database"
        if new is None:
            where = "in the database, not in the models"
        return f"{name(key)} is {where}"
    granted = any(side is not None and "grants" in side.properties for side in (old, new))
    if granted and KINDS[key.kind].satellite:
        return f"{name(key)}: {_privileges(old, new)}"
    before, after = _said(old), _said(new)
    parts = [
        _sides(property_, before.get(property_), after.get(property_))
        for property_ in before | after
        if before.get(property_) != after.get(property_)
    ]
    if len(parts) > 1 and WHOLE in before | after:
        parts = [part for part in parts if not part.startswith(WHOLE)]
    if not parts:
        parts = [
            "the columns are in another order in the database than in the models, so that the"
            " table would be made again"
        ]
    return f"{name(key)}: {'; '.join(parts)}"


def undeclared(key: Key) -> str:
    if key.kind == "uncompared":
        return UNCOMPARED.format(_short(key.name))
    return UNDECLARED.format(name(key))


def name(key: Key) -> str:
    """As people say it: without the schema that everybody is in."""
    pattern = KINDS[key.kind].described or f"{key.kind} {{}}"
    return pattern.format(key.name.replace("public.", ""))


def _said(fact: Fact | None) -> dict[str, Any]:
    if fact is None:
        return {}
    return {name: value for name, value in fact.properties.items() if name not in UNSAID}


def _sides(property_: str, old: Any, new: Any) -> str:
    label = UPPER.get(property_, property_)
    if property_ == "body":
        return "body differs"
    if isinstance(old, list) and isinstance(new, list) and {*old} - {*new} and {*new} - {*old}:
        old, new = ([it for it in old if it not in new], [it for it in new if it not in old])
    return f"{label} is {_value(old)} in the database, {_value(new)} in the models"


def _value(value: Any) -> str:
    match value:
        case None:
            return "not set"
        case bool():
            return "on" if value else "off"
        case dict():
            return _short(", ".join(f"{key}={item}" for key, item in value.items()))
        case list():
            return _short(", ".join(map(str, value)))
        case _:
            return _short(str(value))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_VALUE_CHARS else f"{line[: MAX_VALUE_CHARS - 3]}..."


def _privileges(old: Fact | None, new: Fact | None) -> str:
    before, after = (side["grants"] if side else _unsaid(old or new) for side in (old, new))
    return "; ".join(
        f"{who} has {_granted(before.get(who))} in the database,"
        f" {_granted(after.get(who))} in the models"
        for who in before | after
        if before.get(who) != after.get(who)
    )


def _unsaid(acl: Fact | None) -> dict[str, str]:
    """What is granted where no fact says so: nothing on single columns."""
    by_column = acl is None or any(isinstance(what, dict) for what in acl["grants"].values())
    return {} if by_column or acl is None else usual(acl.parent.kind)


def _granted(privileges: Any) -> str:
    if isinstance(privileges, dict):
        listed = (f"{what} ({', '.join(columns)})" for what, columns in privileges.items())
        return _short(", ".join(listed).lower())
    return str(privileges).lower() if privileges else "nothing"
