"""Whose things these are: ours, somebody else's in our schemas, or the platform's.

What is declared is ours, and so is what hangs on it. A free-standing thing in a schema of ours
that nobody declared is kept and reported. Platforms' schemas and roles are not looked at.
"""

from dataclasses import dataclass, replace

from sqlalchemy import MetaData

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.platform import (
    PLATFORM_PUBLICATIONS,
    PLATFORM_ROLES,
    PLATFORM_SCHEMAS,
    SHARED_SCHEMAS,
)
from qlmodels.autogenerate.role_facts import membership_fact, role_fact
from qlmodels.autogenerate.shared import accepted, is_own, shared, uninvited
from qlmodels.ddl.objects import Membership, Role, declared
from qlmodels.ddl.quoting import CURRENT_USER

# Kinds that stand by themselves: undeclared, they may be somebody else's.
STANDALONE_KINDS = {
    "table",
    "view",
    "materialized view",
    "function",
    "type",
    "sequence",
    "schema",
    "extension",
    "publication",
    "uncompared",
}


# Made where absent and accepted where there: a first revision must run on other servers too.
SHARED_KINDS = {"role", "membership", "extension"}


def with_roles_of(live: Facts, beside: Facts) -> Facts:
    """`beside`, but what belongs to the server is as the live one has it."""
    servers = {"role", "membership"}
    here = [fact for key, fact in live.items() if live.root(key).kind in servers]
    rest = beside.only({key for key in beside if beside.root(key).kind not in servers})
    return Facts({**rest, **{fact.key: fact for fact in here}}, live.login)


@dataclass(frozen=True)
class Scoped:
    """Both sides with only what is compared, and what stands undeclared among ours.

    `live` and `target` both hold the undeclared, so that it survives what happens around it.
    """

    live: Facts
    target: Facts
    undeclared: tuple[Key, ...]
    uninvited: tuple[str, ...]

    def without_undeclared(self) -> Facts:
        """The target that `-x undeclared=drop` asks for."""
        return self.target.without({k for k in self.undeclared if k.kind != "uncompared"})


def as_if_first(found: Scoped) -> Scoped:
    """`found`, the live side without what this server may have, but the next one may lack.

    Undone, it leaves memberships: other databases may live on them.
    """
    live = found.live
    common = {key for key in live if key.kind in SHARED_KINDS or key == Key("schema", "extensions")}
    lasting = (
        replace(link, sql={**link.sql, "drop": None}) for link in found.target.of_kind("membership")
    )
    return replace(found, live=live.without(common), target=found.target.with_facts(*lasting))


def scoped(live: Facts, scratch: Facts, metadata: MetaData, version_table: str) -> Scoped:
    """Narrow what was read to what can be compared.

    `version_table` is Alembic's, qualified and quoted: neither it nor its schema is compared.
    """
    roles = {thing.name for thing in declared(metadata) if isinstance(thing, Role)}
    uninvited_ = uninvited(live, roles)
    target = _declared_side(scratch, metadata, version_table)
    known = _visible(live, target, version_table)
    both = accepted(known, target, live)
    live, target = shared(both, target, metadata, roles)
    undeclared = tuple(
        key
        for key in live
        if key.kind in STANDALONE_KINDS
        and key not in target
        and all(above in target for above in live.chain(key)[1:])
    )
    kept = [
        fact
        for key, fact in live.items()
        if key not in target and any(above in undeclared for above in live.chain(key))
    ]
    return Scoped(live, target.with_facts(*kept), undeclared, uninvited_)


def _declared_side(scratch: Facts, metadata: MetaData, version_table: str) -> Facts:
    things = declared(metadata)
    kept = {
        key: fact
        for key, fact in scratch.items()
        if scratch.root(key).kind not in {"role", "membership"}
        and not _hidden(key, scratch, version_table)
    }
    for thing in things:
        if isinstance(thing, Role):
            fact = role_fact(thing)
            kept[fact.key] = fact
        elif isinstance(thing, Membership):
            fact = membership_fact(thing)
            kept[fact.key] = fact
    return Facts(kept, scratch.login).only(set(kept))


def _hidden(key: Key, facts: Facts, version_table: str) -> bool:
    """Never compared: Alembic's own table, who owns what is shared, a broken index's comment."""
    chain = facts.chain(key)
    broken = any(facts[above]["invalid"] for above in chain[1:] if above in facts)
    if broken or Key("table", version_table) in chain:
        return True
    if key.kind == "comment" and chain[-1].kind == "role":
        return chain[-1].name in PLATFORM_ROLES
    if key.kind in {"owner", "comment"} and (above := facts[key].of) is not None:
        return above.kind in {"extension", "database"} or above.name in SHARED_SCHEMAS
    return False


def _visible(live: Facts, target: Facts, version_table: str) -> Facts:
    """What lies in declared schemas, or in others that this login made."""
    roles = {key.name for key in target if key.kind == "role"}
    schemas = {key.name for key in target if key.kind == "schema"}
    schemas |= {
        key.name
        for key in live
        if key.kind == "schema"
        and key.name not in PLATFORM_SCHEMAS | SHARED_SCHEMAS
        and is_own(key, live)
        and key.name != version_table.partition(".")[0]
    }
    return live.only(
        {
            key
            for key in live
            if _seen(live[key], live, target, schemas, roles)
            and not _hidden(key, live, version_table)
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
