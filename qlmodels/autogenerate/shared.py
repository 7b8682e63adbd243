"""What is shared with other logins: platform roles, extensions, privileges on common objects."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import MetaData

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.platform import PLATFORM_GRANTEES, PLATFORM_ROLES, SHARED_SCHEMAS
from qlmodels.ddl.grants import Grant, Revoke
from qlmodels.ddl.objects import declared
from qlmodels.ddl.quoting import CURRENT_USER, grantee, identifier


def is_own(key: Key, facts: Facts) -> bool:
    owner = facts.get(Key("owner", str(key)))
    return owner is not None and owner["owner"] == "current_user"


def owned_by_login(facts: Facts) -> Facts:
    """Return `facts` with owners whose rights the login lacks replaced by the login itself."""
    owners = [fact for fact in facts.of_kind("owner") if fact["owner"] in facts.login.strangers]
    mine = {"owner": CURRENT_USER}
    return facts.with_facts(*(replace(fact, properties=mine) for fact in owners))


def accepted(live: Facts, target: Facts, raw: Facts) -> Facts:
    """Take as declared what we neither made nor may change: platform roles, others' extensions."""
    accepted = []
    for key, fact in live.items():
        other = target.get(key)
        if key.kind == "role" and key.name in PLATFORM_ROLES:
            accepted.append(replace(fact, properties={}))
        elif other is not None and _is_accepted(fact, target, raw):
            accepted.append(replace(fact, properties=other.properties))
    if live.login.superuser:  # it is everybody's member without being told
        accepted += [
            fact for fact in target.of_kind("membership") if fact["member"] == CURRENT_USER
        ]
    return live.with_facts(*accepted)


def restored(live: Facts, target: Facts) -> Facts:
    """Take privileges of a database as declared where it has none: a dump does not hold them."""
    unset = [fact.key for fact in live.of_kind("acl") if fact.sql.get("unset")]
    return live.with_facts(*(target[key] for key in unset if key in target))


def _is_accepted(fact: Fact, target: Facts, raw: Facts) -> bool:
    """An extension of another login, and who owns what only a superuser can make."""
    if fact.kind == "extension":
        return not is_own(fact.key, raw)
    made = target.get(fact.of) if fact.of is not None else None
    by_superuser = made is not None and (made["all tables"] or made["schemas"])
    return fact.kind == "owner" and bool(by_superuser)


def shared(live: Facts, target: Facts, metadata: MetaData, roles: set[str]) -> tuple[Facts, Facts]:
    """Of what is shared with others, compare the privileges of whom we declared alone."""
    ours = {identifier(role) for role in roles - PLATFORM_ROLES}
    sides = []
    for facts in (live, target):
        trimmed = []
        for fact in facts.values():
            if fact.kind == "acl" and is_shared(fact.parent):
                named = ours | _named(metadata, fact.parent)
                trimmed.append(grants_of(fact, named))
            elif fact.kind == "default privileges":
                trimmed.append(_without_platform(fact, target))
        facts = facts.with_facts(*trimmed)
        empty = {
            fact.key
            for fact in trimmed
            if fact.kind == "default privileges" and not fact["grants"] and fact.key not in target
        }
        sides.append(facts.only(facts.keys() - empty))
    return sides[0], sides[1]


def is_shared(about: Key) -> bool:
    """Not ours alone: others' privileges on it, its owner's own included, are not compared."""
    return about.kind == "database" or (about.kind == "schema" and about.name in SHARED_SCHEMAS)


def _named(metadata: MetaData, about: Key) -> set[str]:
    """Grantees that a declared Grant or Revoke on `about` names."""
    found: set[str] = set()
    for thing in declared(metadata):
        if (
            isinstance(thing, Grant | Revoke)
            and thing.kind == about.kind
            and (about.kind == "database" or identifier(thing.on) == about.name)
        ):
            found.update(map(grantee, thing.to if isinstance(thing, Grant) else thing.from_))
    return found


def grants_of(acl: Fact, grantees: Iterable[str]) -> Fact:
    chosen = set(grantees)
    grants = {
        who: what
        for who, what in acl["grants"].items()
        if who.removesuffix(" with grant option") in chosen
    }
    return replace(acl, properties={"grants": grants})


def _without_platform(fact: Fact, target: Facts) -> Fact:
    declared_ = target.get(fact.key)
    kept = set(declared_["grants"]) if declared_ else set()
    grants = {
        who: what
        for who, what in fact["grants"].items()
        if who in kept or who.strip('"').removesuffix(" with grant option") not in PLATFORM_ROLES
    }
    if declared_ is None and fact["schema"] and set(grants) <= {"owner"}:
        grants = {}
    return replace(fact, properties={**fact.properties, "grants": grants})


def uninvited(raw: Facts, roles: set[str]) -> tuple[str, ...]:
    """Whom default privileges of the platform serve: revoked from, on whatever we create."""
    found = [role for role in PLATFORM_GRANTEES if role in roles]
    for fact in raw.of_kind("default privileges"):
        if fact["role"] == CURRENT_USER and fact["schema"] in {None, "public"}:
            found += [who for who in fact["grants"] if who not in {"owner", "public", *found}]
    return tuple(found)
