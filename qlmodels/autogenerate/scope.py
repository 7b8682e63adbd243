"""Whose objects these are: declared ones, those of others beside them, or the platform's.

What is declared is compared, with what hangs on it. A free-standing object in one of its schemas
that is not declared is listed and left alone. Platforms' schemas and roles are not looked at.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy import MetaData

from qlmodels.autogenerate.comparers import Comparers
from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.filters import with_excluded
from qlmodels.autogenerate.neighbours import is_droppable, is_of_history
from qlmodels.autogenerate.platform import (
    PLATFORM_PUBLICATIONS,
    PLATFORM_ROLES,
    PLATFORM_SCHEMAS,
    SHARED_SCHEMAS,
)
from qlmodels.autogenerate.role_facts import stated_fact
from qlmodels.autogenerate.shared import accepted, grants_of, is_own, restored, shared, uninvited
from qlmodels.autogenerate.writer import KINDS
from qlmodels.ddl.objects import Role, declared
from qlmodels.ddl.quoting import CURRENT_USER, qualified

STANDALONE_KINDS = {name for name, kind in KINDS.items() if kind.standalone}
SHARED_KINDS = {name for name, kind in KINDS.items() if kind.shared}
PARTITIONS_KEY, BY_OTHERS = "partitions", "others"
IN_A_SCHEMA = 2
"""How long the chain of what stands by itself is: the sequence of a column does not."""
LISTED_KINDS = STANDALONE_KINDS - {"schema", "extension"}


def with_roles_of(live: Facts, beside: Facts) -> Facts:
    """`beside`, but what belongs to the server is as the live one has it."""
    servers = {"role", "membership"}
    here = [fact for key, fact in live.items() if live.root(key).kind in servers]
    rest = beside.only({key for key in beside if beside.root(key).kind not in servers})
    return Facts({**rest, **{fact.key: fact for fact in here}}, live.login)


@dataclass(frozen=True)
class Scope:
    """What is compared: all that `metadata` declares, and what hangs on it.

    `version_table` is Alembic's, qualified and quoted: neither it nor its schema is compared.
    `outside` is what the models use of others, as a scratch database holds it, and `given` what
    else that held from the beginning. `excluded` is what the environment leaves out. `dropping` has
    what is undeclared and the login's own go away, and `may_be_restored` takes a database without
    privileges of its own for one that was restored from a dump.
    """

    metadata: MetaData
    version_table: str
    outside: Facts = field(default_factory=lambda: Facts({}))
    given: frozenset[Key] = frozenset()
    excluded: frozenset[Key] = frozenset()
    dropping: bool = False
    comparers: Comparers | None = None
    may_be_restored: bool = False

    @cached_property
    def roles(self) -> set[str]:
        """Names of declared roles."""
        return {thing.name for thing in declared(self.metadata) if isinstance(thing, Role)}

    def is_compared(self, key: Key, facts: Facts, target: Facts) -> bool:
        """False for what hangs on an object of others and is not declared."""
        if key in self.outside or key in target:
            return True
        above = facts[key].of
        if above is None or above not in self.outside:
            return above is None or self.is_compared(above, facts, target)
        return above.kind == "schema" and not KINDS[key.kind].satellite


@dataclass(frozen=True)
class Scoped:
    """Both sides with only what is compared, and the objects that nobody declared."""

    live: Facts
    target: Facts
    undeclared: tuple[Key, ...]
    uninvited: tuple[str, ...]
    whole: Facts
    """`live` and what is undeclared."""
    used: tuple[Key, ...] = ()
    """Undeclared objects that the models use."""

    @property
    def of_others(self) -> list[Key]:
        """Objects that are listed: undeclared, used by the models or not."""
        return [*self.undeclared, *self.used]

    def with_declared(self, keys: Collection[Key]) -> Facts:
        """Return `live` with some objects that are declared under another name."""
        branch = {key for key in self.whole if any(it in keys for it in self.whole.chain(key))}
        return self.whole.only(self.live.keys() | branch)


def as_if_first(found: Scoped, scope: Scope) -> Scoped:
    """`found`, the live side without what this server may have, but the next one may lack.

    Undone, it leaves memberships: other databases may live on them.
    """
    live = found.live
    common = {
        key
        for key in live.keys() - scope.outside.keys()
        if key.kind in SHARED_KINDS or key == Key("schema", "extensions")
    }
    lasting = (
        replace(link, sql={**link.sql, "drop": None}) for link in found.target.of_kind("membership")
    )
    return replace(found, live=live.without(common), target=found.target.with_facts(*lasting))


def scoped(live: Facts, scratch: Facts, scope: Scope) -> Scoped:
    """Narrow what was read to what can be compared."""
    grantees = uninvited(live, scope.roles)
    target = _declared_side(scratch, scope)
    known = _visible(live, target, scope)
    known = known.without(_partitions_of_others(known, target, scope.metadata))
    known = _as_outside(accepted(known, target, live), target, scope.outside)
    known, target = shared(known, target, scope.metadata, scope.roles)
    if scope.may_be_restored:
        known = restored(known, target)
    known, target = with_excluded(known, target, scope.excluded)
    if scope.comparers is not None:
        target = scope.comparers.applied(known, target)
    others = [
        key
        for key in known
        if key.kind in STANDALONE_KINDS
        and len(live.chain(key)) <= IN_A_SCHEMA
        and key not in target
        and all(above in target for above in known.chain(key)[1:])
        and not _is_replaced(known[key], known, target)
    ]
    undeclared = tuple(k for k in others if not is_of_history(k, live, scope.metadata))
    dropped = {k for k in undeclared if scope.dropping and is_droppable(k, known)}
    used = tuple(key for key in scope.outside if key.kind in LISTED_KINDS and key in live)
    return Scoped(known.without(set(others) - dropped), target, undeclared, grantees, known, used)


def _as_outside(live: Facts, target: Facts, outside: Facts) -> Facts:
    """Take objects of others as they are, and of privileges on them those that are declared."""
    facts = live.with_facts(*(target[key] for key in outside if key in target and key in live))
    acls = [fact for fact in facts.of_kind("acl") if fact.of in outside and fact.key in target]
    named = [grants_of(acl, target[acl.key]["grants"]) for acl in acls]
    return facts.with_facts(*named)


def _partitions_of_others(live: Facts, target: Facts, metadata: MetaData) -> set[Key]:
    """Undeclared partitions of a table whose model leaves them to another tool."""
    wholes = {
        qualified(table.schema or "public", table.name)
        for table in metadata.tables.values()
        if table.info.get(PARTITIONS_KEY) == BY_OTHERS
    }
    partitions = [fact for fact in live.values() if fact["partition of"]]
    found: set[Key] = set()
    while more := {fact.key for fact in partitions if fact["partition of"] in wholes} - found:
        found |= more
        wholes |= {key.name for key in more}
    return found - target.keys()


def _is_replaced(fact: Fact, live: Facts, target: Facts) -> bool:
    """Whether another of its name is declared, and it may be dropped: a former signature."""
    owner = live.get(Key("owner", str(fact.key)))
    foreign = owner is not None and owner["owner"] in live.login.strangers
    return fact.namesakes in target.namesakes and not foreign


def _declared_side(scratch: Facts, scope: Scope) -> Facts:
    kept = {
        key: fact
        for key, fact in scratch.items()
        if scratch.root(key).kind not in {"role", "membership"}
        and not scope.given.intersection(scratch.chain(key))
        and not _hidden(key, scratch, scope.version_table)
    }
    stated = (stated_fact(thing, kept) for thing in declared(scope.metadata))
    kept |= {fact.key: fact for fact in stated if fact is not None}
    return Facts(kept, scratch.login).only(set(kept))


def _hidden(key: Key, facts: Facts, version_table: str) -> bool:
    """Never compared: Alembic's own table, who owns what is shared, a broken index's comment."""
    chain = facts.chain(key)
    if not facts.invalid.isdisjoint(chain[1:]) or Key("table", version_table) in chain:
        return True
    if key.kind == "comment" and chain[-1].kind == "role":
        return chain[-1].name in PLATFORM_ROLES
    if key.kind in {"owner", "comment"} and (above := facts[key].of) is not None:
        return above.kind in {"extension", "database"} or above.name in SHARED_SCHEMAS
    return False


def _visible(live: Facts, target: Facts, scope: Scope) -> Facts:
    """What lies in declared schemas, or in others that this login made."""
    roles = {key.name for key in target if key.kind == "role"}
    schemas = {key.name for key in target if key.kind == "schema"}
    schemas |= {
        key.name
        for key in live
        if key.kind == "schema"
        and key.name not in PLATFORM_SCHEMAS | SHARED_SCHEMAS
        and is_own(key, live)
        and key.name != scope.version_table.partition(".")[0]
    }
    return live.only(
        {
            key
            for key in live
            if _seen(live[key], live, target, schemas, roles)
            and scope.is_compared(key, live, target)
            and not _hidden(key, live, scope.version_table)
        }
    )


def _seen(fact: Fact, live: Facts, target: Facts, schemas: set[str], roles: set[str]) -> bool:
    root = live.chain(fact.key)[-1]
    match root.kind:
        case "schema":
            return root.name in schemas
        case "extension":
            return root in target or is_own(root, live)
        case "publication":
            return root in target or not root.name.startswith(PLATFORM_PUBLICATIONS)
        case "role":
            return root in target
        case "membership":
            ours = roles - PLATFORM_ROLES
            link = (fact["role"], fact["member"])
            return root in target or link[1] in ours or (link[0] in ours and link[1] in roles)
        case "default privileges":
            return root in target or (
                fact["role"] in roles | {CURRENT_USER}
                and (fact["schema"] is None or fact["schema"] in schemas)
            )
        case _:
            return True
