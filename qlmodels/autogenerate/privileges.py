"""What the login at hand has no right to change: told, and left alone."""

from qlmodels.autogenerate.diff import SchemaDifference, differences
from qlmodels.autogenerate.facts import CurrentLogin, Facts, Key
from qlmodels.autogenerate.writer import KINDS
from qlmodels.autogenerate.writer.base import differing

SUPERUSERS_ALONE = {"superuser"}
OWN_ATTRIBUTES = {"bypassrls", "replication", "createdb"}
"""From 16 on whoever has one may give and take it; before, a superuser alone (CREATEDB: all)."""


def untouchable(source: Facts, target: Facts, login: CurrentLogin) -> list[SchemaDifference]:
    """Differences that this login cannot fix."""
    if login.superuser:
        return []
    different = differences(source, target)
    refused = {d.key for d in different if not _may(d, source, login)}
    return [d for d in different if d.key in refused or _needs(d) & refused]


def _needs(difference: SchemaDifference) -> set[Key]:
    return {need for fact in (difference.old, difference.new) if fact for need in fact.needs}


def left_alone(source: Facts, target: Facts, login: CurrentLogin) -> Facts:
    """`target`, but as the source is wherever this login has no right to change it."""
    facts = target
    for difference in untouchable(source, target, login):
        key = difference.key
        if difference.old is not None:
            branch = [fact for k, fact in source.items() if key in source.chain(k)]
            facts = facts.with_facts(*branch)
        else:
            facts = facts.without({key})
    return facts


def beyond(facts: Facts, login: CurrentLogin) -> set[Key]:
    """Free-standing objects that this login could not make, though they may stand there."""
    if login.superuser:
        return set()
    return {
        key
        for key, fact in facts.items()
        if KINDS[key.kind].standalone and not _may(SchemaDifference(key, None, fact), facts, login)
    }


def _may(difference: SchemaDifference, source: Facts, login: CurrentLogin) -> bool:
    key, old, new = difference.key, difference.old, difference.new
    if _owner(key, source) in login.strangers:
        return False
    match key.kind:
        case "role" if old is not None and new is not None:
            return _may_alter_role(key, differing(old, new), login)
        case "membership":
            some = old or new
            if (
                old is not None
                and login.major >= 16
                and old.sql.get("granted by") in login.strangers
            ):
                return False  # whoever granted it, or acts as that role, alone can revoke it
            return some is not None and some["role"] not in login.unadministered
        case "comment" if key.name.startswith("role "):
            return key.name.removeprefix("role ") not in login.unadministered
        case "owner":
            return new is None or new["owner"] not in login.strangers
        case "function":
            return new is None or not new["leakproof"]
        case "extension":  # its members belong to a superuser, whoever created it
            return old is None or new is None
        case "acl" if key.name.startswith("database "):
            return login.owns_database
        case "publication":
            return new is None or not (new["all tables"] or new["schemas"])
        case _:
            return True


def _may_alter_role(role: Key, changed: set[str], login: CurrentLogin) -> bool:
    if role.name in login.unadministered or changed & SUPERUSERS_ALONE:
        return False
    own = changed & OWN_ATTRIBUTES
    if login.major < 16:
        return own <= {"createdb"}
    return all(getattr(login, attribute) for attribute in own)


def _owner(key: Key, facts: Facts) -> str | None:
    """Who owns what `key` is or hangs on."""
    if key not in facts:
        return None
    owner = facts.get(Key("owner", str(facts.root(key))))
    return owner["owner"] if owner else None
