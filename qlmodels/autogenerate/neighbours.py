"""Objects that nobody declared here: other applications', another history's, the platform's."""

import re
from collections.abc import Iterable
from typing import Final

from sqlalchemy import MetaData

from qlmodels.autogenerate.describe import name
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.fleet import fleet_names, fleet_schemas, shared_with_fleet
from qlmodels.autogenerate.impact import Impact
from qlmodels.autogenerate.shared import is_own
from qlmodels.autogenerate.writer import CannotWrite, Change
from qlmodels.autogenerate.writer.base import differing

MAX_LISTED: Final = 12
FLEET_SCHEMA: Final = Key("schema", "qlmodels_private")
FLEET_TABLE: Final = "agent_types"
VERSION_TABLE: Final = re.compile(r'\balembic_version"?$')
SURVIVES_ALTER: Final = {"constraint", "index"}
"""Kinds that Postgres itself makes again when the type of a column changes."""

NEIGHBOURS_SENTENCE: Final = "Not declared here and left alone: {}."
OF_FLEET: Final = "the schema of qlmodels"
IN_THE_WAY: Final = (
    "{user} uses {used}, which this revision would {verb}, and is not declared{owner}. Drop or "
    "change it first, or declare it, then write the revision again."
)


def is_droppable(key: Key, facts: Facts) -> bool:
    """Whether `undeclared=drop` drops it: this login's own, of a kind that can be written."""
    return key.kind != "uncompared" and is_own(key, facts)


def is_of_history(key: Key, facts: Facts, metadata: MetaData) -> bool:
    """Whether it belongs to another history: its version table, or what qlmodels has made."""
    if VERSION_TABLE.search(key.name):
        return True
    if FLEET_SCHEMA not in facts or FLEET_TABLE in metadata.tables:
        return False
    if key in shared_with_fleet():
        return True
    schema = next((above for above in reversed(facts.chain(key)) if above.kind == "schema"), key)
    return schema.name in fleet_schemas() or key.name.partition("(")[0] in fleet_names()


def listed(undeclared: Iterable[Key], facts: Facts, metadata: MetaData) -> str | None:
    """Say in one line what is not declared; None where there is nothing to say."""
    names = [name(key) for key in undeclared if not is_of_history(key, facts, metadata)]
    more = len(names) - MAX_LISTED
    shown = sorted(names)[:MAX_LISTED]
    if more > 0:
        shown.append(f"and {more} more")
    if FLEET_SCHEMA in facts and FLEET_TABLE not in metadata.tables:
        shown.append(OF_FLEET)
    return NEIGHBOURS_SENTENCE.format(", ".join(shown)) if shown else None


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
