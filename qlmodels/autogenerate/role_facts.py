"""Declared roles and memberships as facts: the server has them, so scratch makes none.

Nor does it make what only a superuser can, where the login is none.
"""

from collections.abc import Mapping
from dataclasses import replace

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.platform import PLATFORM_ROLES
from qlmodels.ddl.objects import DDLObject, Membership, Role
from qlmodels.ddl.quoting import grantee, identifier
from qlmodels.ddl.triggers import Publication

USUAL_ROLE = {
    "login": False,
    "inherit": True,
    "superuser": False,
    "createdb": False,
    "createrole": False,
    "replication": False,
    "bypassrls": False,
    "connection limit": -1,
}


def stated_fact(thing: DDLObject, made: Mapping[Key, Fact]) -> Fact | None:
    """What `thing` states that scratch cannot show, where it is of such a class."""
    match thing:
        case Role():
            return role_fact(thing)
        case Membership():
            return membership_fact(thing)
        case Publication():
            fact = made.get(Key("publication", identifier(thing.name)))
            stated = thing.beyond_owner
            return fact and replace(fact, properties={**fact.properties, **stated})
        case _:
            return None


def role_fact(role: Role) -> Fact:
    name = identifier(role.name)
    usual = {} if role.name in PLATFORM_ROLES else USUAL_ROLE | {"inherit": role.inherit}
    alter = {
        attribute: f"alter role {name} {attribute if value else f'no{attribute}'}"
        for attribute, value in usual.items()
    }
    alter["connection limit"] = f"alter role {name} connection limit -1"
    alter["valid until"] = f"alter role {name} valid until 'infinity'"
    alter["settings"] = f"alter role {name} reset all"
    sql = {"create": list(role.create()), "alter": alter}
    return Fact(Key("role", name), None, usual, sql)


def membership_fact(link: Membership) -> Fact:
    role, member = identifier(link.role), grantee(link.member)
    properties = {"role": role, "member": member}
    sql = {"create": list(link.create()), "drop": f"revoke {role} from {member}"}
    return Fact(Key("membership", f"{member} in {role}"), None, properties, sql)
