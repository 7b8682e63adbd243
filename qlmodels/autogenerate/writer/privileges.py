"""Privileges: of objects, of their columns, and those that later objects will have."""

from collections.abc import Mapping
from itertools import groupby

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.shared import is_shared
from qlmodels.autogenerate.writer.base import Change, Statement, Statements
from qlmodels.ddl.quoting import on_database

GRANTABLE = " with grant option"
DATABASE_TARGET = "database"
STATEMENT_WIDTH = 84
OBJECTS = {
    "table": "tables",
    "view": "tables",
    "materialized view": "tables",
    "sequence": "sequences",
    "function": "functions",
    "type": "types",
    "schema": "schemas",
}
KINDS_WITH_DEFAULTS = {"table", "view", "materialized view", "function", "sequence"}
OPEN_TO_PLATFORMS = "public"
Grants = Mapping[str, str]


def usual(kind: str) -> dict[str, str]:
    """What Postgres grants by itself on a new object."""
    public = {"function": "EXECUTE", "type": "USAGE", "database": "TEMPORARY, CONNECT"}.get(kind)
    owner = public if kind in {"function", "type"} and public else "ALL"
    return ({"public": public} if public else {}) | {"owner": owner}


def _owner_of(fact: Fact, facts: Mapping[Key, Fact]) -> str:
    owner = facts.get(Key("owner", str(fact.of)))
    return str(owner["owner"]) if owner else "current_user"


def _target(acl: Fact, change: Change) -> str:
    kind, name = acl.parent.kind, acl.parent.name
    if acl.name != str(acl.of):  # an identity's sequence
        kind, name = acl.name.split(" ", 1)
    if kind == "database":
        return DATABASE_TARGET
    owned = change.target.get(acl.parent) or change.source[acl.parent]
    if owned["procedure"]:
        kind = "procedure"
    return f"{'table' if kind in {'view', 'materialized view'} else kind} {name}"


def _say(verb: str, privileges: str, target: str, grantee: str) -> Statement:
    word = "to" if verb == "grant" else "from"
    if target == DATABASE_TARGET:
        return Statement(on_database(f"{verb} {privileges} on", f"{word} {grantee}"))
    sql = f"{verb} {privileges} on {target} {word} {grantee}"
    if len(sql) > STATEMENT_WIDTH:
        sql = f"{verb} {privileges} on {target}\n    {word} {grantee}"
    return Statement(sql)


def _move(fact: Fact, old: Grants, new: Grants, change: Change) -> Statements:
    """From one set of privileges to another, and in the order of the other."""
    target, owner = _target(fact, change), _owner_of(fact, change.target)
    stays = [who for who in old if who in new and _overlap(old[who], new[who])]
    if stays + [who for who in new if who not in stays] != list(new):
        stays = []
    gone = [who.removesuffix(GRANTABLE) for who in old if who not in (*stays, owner)]
    if gone:
        names = ", ".join(dict.fromkeys(owner if name == "owner" else name for name in gone))
        yield _say("revoke", "all", target, names)
    for who in stays:
        yield from _trim(target, owner if who == "owner" else who, old[who], new[who])
    missing = [(who, new[who].lower()) for who in new if who not in stays]
    yield from _grants(target, missing, owner)


def _overlap(old: str, new: str) -> bool:
    """Whether the entry survives the change, and keeps its place among the others."""
    return old == new or ("ALL" not in (old, new) and bool({*old.split(", ")} & {*new.split(", ")}))


def _trim(target: str, who: str, old: str, new: str) -> Statements:
    before, after = old.split(", "), new.split(", ")
    if lost := [privilege.lower() for privilege in before if privilege not in after]:
        head = "grant option for " if who.endswith(GRANTABLE) else ""
        yield _say("revoke", head + ", ".join(lost), target, who.removesuffix(GRANTABLE))
    if gained := [privilege.lower() for privilege in after if privilege not in before]:
        yield _say("grant", ", ".join(gained), target, who)


def _grants(target: str, grants: list[tuple[str, str]], owner: str) -> Statements:
    """One GRANT for neighbours that get the same."""
    for (privileges, grantable), group in groupby(
        grants, key=lambda grant: (grant[1], grant[0].endswith(GRANTABLE))
    ):
        names = [grantee.removesuffix(GRANTABLE) for grantee, _ in group]
        who = ", ".join(owner if name == "owner" else name for name in names)
        yield _say("grant", privileges, target, who + (GRANTABLE if grantable else ""))


def create_acl(acl: Fact, change: Change) -> Statements:
    start = _given(acl, change) if acl.of in change.made else usual(acl.parent.kind)
    if is_shared(acl.parent):
        start = {who: what for who, what in start.items() if who in acl["grants"]}
    return _move(acl, start, acl["grants"], change)


def fresh(fact: Fact, change: Change) -> Statements:
    """A new object without privileges of its own gets none by default privileges either."""
    kind, name = fact.kind, fact.name
    if fact["identity"]:
        kind, name = "sequence", fact["sequence name"]
    elif kind not in KINDS_WITH_DEFAULTS:
        return iter(())
    if Key("acl", f"{kind} {name}") in change.target:
        return iter(())
    acl = Fact(Key("acl", f"{kind} {name}"), fact.key)
    return _move(acl, _given(acl, change), usual(kind), change)


def _given(acl: Fact, change: Change) -> dict[str, str]:
    """What a new object grants, by Postgres and by default privileges, some of platforms."""
    kind, name = acl.parent.kind, acl.name.removeprefix("materialized ").split(" ", 1)[1]
    schema = name.partition(".")[0]
    kind = "sequence" if kind == "column" else kind
    grants = usual(kind)
    objects = OBJECTS.get(kind, "")
    if anywhere := change.source.get(_default_key(f"on {objects}")):
        grants = {"owner": grants["owner"]} | _others(anywhere)
    if here := change.source.get(_default_key(f"on {objects} in schema {schema}")):
        grants |= _others(here)
    if schema == OPEN_TO_PLATFORMS and kind not in {"type", "schema"}:
        grants |= dict.fromkeys(change.uninvited, "whatever is given by default")
    return grants


def _default_key(what: str) -> Key:
    return Key("default privileges", f"{what} by current_user")


def _others(default: Fact) -> dict[str, str]:
    return {who: what for who, what in default["grants"].items() if who != "owner"}


def drop_acl(acl: Fact, change: Change) -> Statements:
    return _move(acl, acl["grants"], usual(acl.parent.kind), change)


def alter_acl(old: Fact, new: Fact, change: Change) -> Statements:
    return _move(new, old["grants"], new["grants"], change)


def _column_grants(acl: Fact, change: Change) -> dict[str, str]:
    """`insert (a, b), update (c)` of every grantee, in columns that stay, in their order."""
    *_, there = [side[acl.parent].sql["columns"] for side in change.sides if acl.of in side]
    texts = {}
    for grantee, privileges in acl["grants"].items():
        parts = [
            f"{privilege.lower()} ({', '.join(named)})"
            for privilege, columns in privileges.items()
            if (named := [c for each in there for c in columns if f"{each} ".startswith(f"{c} ")])
        ]
        if parts:
            texts[grantee] = ", ".join(parts)
    return texts


def create_column_acl(acl: Fact, change: Change) -> Statements:
    target, owner = _target(acl, change), _owner_of(acl, change.target)
    yield from _grants(target, list(_column_grants(acl, change).items()), owner)


def drop_column_acl(acl: Fact, change: Change) -> Statements:
    target, owner = _target(acl, change), _owner_of(acl, change.source)
    for grantee, privileges in _column_grants(acl, change).items():
        name = grantee.removesuffix(GRANTABLE)
        yield _say("revoke", privileges, target, owner if name == "owner" else name)


def alter_column_acl(old: Fact, new: Fact, change: Change) -> Statements:
    yield from drop_column_acl(old, change)
    yield from create_column_acl(new, change)


# -- default privileges ------------------------------------------------------------------------


def _usual_default(fact: Fact) -> dict[str, str]:
    return {} if fact["schema"] else usual(fact["objects"].removesuffix("s"))


def create_default(fact: Fact, _change: Change) -> Statements:
    return _move_default(fact, _usual_default(fact), fact["grants"])


def drop_default(fact: Fact, _change: Change) -> Statements:
    return _move_default(fact, fact["grants"], _usual_default(fact))


def alter_default(old: Fact, new: Fact, _change: Change) -> Statements:
    return _move_default(new, old["grants"], new["grants"])


def _move_default(fact: Fact, old: Grants, new: Grants) -> Statements:
    by = "" if fact["role"] == "current_user" else f" for role {fact['role']}"
    within = f" in schema {fact['schema']}" if fact["schema"] else ""
    head = f"alter default privileges{by}{within}"
    for grantee in old:
        if grantee != "owner" and new.get(grantee) != old[grantee]:
            name = grantee.removesuffix(GRANTABLE)
            yield Statement(f"{head} revoke all on {fact['objects']} from {name}")
    for grantee in new:
        if grantee != "owner" and new[grantee] != old.get(grantee):
            grant = f"grant {new[grantee].lower()} on {fact['objects']} to {grantee}"
            yield Statement(f"{head} {grant}")
