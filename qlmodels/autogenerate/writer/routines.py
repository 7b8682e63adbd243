"""Functions, triggers and views: Postgres prints their definitions whole."""

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

REPLACE = "CREATE OR REPLACE "
UNREPLACEABLE = {"procedure", "signature", "returns"}


def noun(function: Fact) -> str:
    return "procedure" if function["procedure"] else "function"


def _create_function(function: Fact, _change: Change) -> Statements:
    yield Statement(function["definition"].rstrip("\n").replace(REPLACE, "CREATE ", 1))


def _drop_function(function: Fact, _change: Change) -> Statements:
    yield Statement(f"drop {noun(function)} {function.name}")


def _alter_function(old: Fact, new: Fact, _change: Change) -> Statements | None:
    fewer = (old["argument defaults"] or 0) > (new["argument defaults"] or 0)
    if fewer or differing(old, new) & UNREPLACEABLE:
        return None
    return iter((Statement(new["definition"].rstrip("\n")),))


def _create_trigger(trigger: Fact, _change: Change) -> Statements:
    yield Statement(as_read(trigger["definition"]))
    if trigger["enabled"]:
        yield from _enable(trigger)


def _drop_trigger(trigger: Fact, _change: Change) -> Statements:
    yield Statement(f"drop trigger {trigger['name']} on {trigger.parent.name}")


def _alter_trigger(old: Fact, new: Fact, _change: Change) -> Statements | None:
    return _enable(new) if differing(old, new) == {"enabled"} else None


def _enable(trigger: Fact) -> Statements:
    words = {None: "enable", "disabled": "disable", "replica": "enable replica",
             "always": "enable always"}  # fmt: skip
    yield Statement(
        f"alter table {trigger.parent.name} {words[trigger['enabled']]} trigger {trigger['name']}"
    )


def _view_body(view: Fact, verb: str) -> str:
    with_ = f" with {options(view['options'])}" if view["options"] else ""
    return f"{verb} {view.kind} {view.name}{with_} as\n{as_read(view['definition'])}"


def _create_view(view: Fact, _change: Change) -> Statements:
    yield Statement(_view_body(view, "create"))


def _drop_view(view: Fact, _change: Change) -> Statements:
    yield Statement(f"drop {view.kind} {view.name}")


def _alter_view(old: Fact, new: Fact, _change: Change) -> Statements | None:
    if differing(old, new) == {"options"}:
        return set_options(f"alter {new.kind} {new.name}", old["options"], new["options"])
    kept = new["columns"][: len(old["columns"])]
    if new.kind == "view" and kept == old["columns"]:
        return iter((Statement(_view_body(new, "create or replace")),))
    return None


FUNCTION = Writer(_create_function, _drop_function, _alter_function)
TRIGGER = Writer(_create_trigger, _drop_trigger, _alter_trigger)
VIEW = Writer(_create_view, _drop_view, _alter_view)
