"""Objects that nobody declared here: other applications', another history's, the platform's."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from sqlalchemy import MetaData

from qlmodels.autogenerate.describe import name
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.impact import Impact
from qlmodels.autogenerate.shared import is_own
from qlmodels.autogenerate.writer import CannotWrite, Change
from qlmodels.autogenerate.writer.base import differing
from qlmodels.ddl import metadata as fleet
from qlmodels.ddl.functions import Function
from qlmodels.ddl.objects import Schema, View, declared
from qlmodels.ddl.quoting import qualified

MAX_LISTED: Final = 12
FLEET_SCHEMA: Final = Key("schema", "qlmodels_private")
VERSION_TABLE: Final = re.compile(r'\balembic_version"?$')
SURVIVES_ALTER: Final = {"constraint", "index"}
"""Kinds that Postgres itself makes again when the type of a column changes."""

NOT_DECLARED: Final = "Not declared here and left alone: {}."
OF_FLEET: Final = "the schema of qlmodels"
IN_THE_WAY: Final = (
    "{user} uses {used}, which this revision would {verb}, and is not declared{owner}. Drop or "
    "change it first, or declare it, then write the revision again."
)


def is_droppable(key: Key, facts: Facts) -> bool:
    """Whether `undeclared=drop` drops it: this login's own, and of no other history."""
    of_history = VERSION_TABLE.search(key.name) or _is_of_fleet(key, facts)
    return key.kind != "uncompared" and is_own(key, facts) and not of_history


def listed(undeclared: Iterable[Key], facts: Facts, metadata: MetaData) -> str | None:
    """Say in one line what is not declared; None where there is nothing to say."""
    names = [
        name(key)
        for key in undeclared
        if not VERSION_TABLE.search(key.name) and not _is_of_fleet(key, facts)
    ]
    more = len(names) - MAX_LISTED
    shown = sorted(names)[:MAX_LISTED]
    if more > 0:
        shown.append(f"and {more} more")
    if FLEET_SCHEMA in facts and "agent_types" not in metadata.tables:
        shown.append(OF_FLEET)
    return NOT_DECLARED.format(", ".join(shown)) if shown else None


def counted(undeclared: Sequence[Key]) -> str:
    """Say how many objects of each kind there are: `3 tables, 1 view`."""
    counts = Counter(key.kind for key in undeclared)
    return ", ".join(f"{count} {kind}{'s' * (count > 1)}" for kind, count in sorted(counts.items()))


def require_out_of_the_way(change: Change, live: Facts) -> None:
    """Raises CannotWrite where an object that is not compared uses what would go or change."""
    impact = Impact(change)
    retyped = {
        key
        for key in impact.altered
        if key.kind == "column"
        and differing(change.source[key], change.target[key]) & {"type", "collation"}
    }
    for key, fact in live.items():
        if key in change.source or key in change.target or live.root(key) in impact.dropped:
            continue
        reach = impact.dropped if key.kind in SURVIVES_ALTER else impact.dropped | retyped
        for used in sorted(fact.needs & reach):
            verb = "change" if used in change.target else "drop"
            raise CannotWrite(_in_the_way(live, key, used, verb))


def _in_the_way(live: Facts, key: Key, used: Key, verb: str) -> str:
    owner = live.get(Key("owner", str(live.root(key))))
    whose = (
        f" (its owner is {owner['owner']})" if owner and not is_own(live.root(key), live) else ""
    )
    user = name(key)
    return IN_THE_WAY.format(user=user, used=name(used), verb=verb, owner=whose)


def _is_of_fleet(key: Key, facts: Facts) -> bool:
    """Whether it belongs to the history of qlmodels, where the database holds that."""
    if FLEET_SCHEMA not in facts:
        return False
    schema = next((above for above in reversed(facts.chain(key)) if above.kind == "schema"), key)
    return schema.name in _fleet_schemas() or key.name.partition("(")[0] in _fleet_names()


@cache
def _fleet_schemas() -> frozenset[str]:
    return frozenset(
        thing.name
        for thing in declared(fleet)
        if isinstance(thing, Schema) and thing.name != "extensions"
    )


@cache
def _fleet_names() -> frozenset[str]:
    """Qualified names of tables, views and functions in schema public."""
    tables = {qualified(table.schema or "public", table.name) for table in fleet.tables.values()}
    objects = {
        qualified(thing.schema, thing.name)
        for thing in declared(fleet)
        if isinstance(thing, Function | View)
    }
    return frozenset(tables | objects)
