"""Declared roles and memberships as facts: the server has them, so scratch makes none."""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.platform import PLATFORM_ROLES
from qlmodels.ddl.objects import Membership, Role
from qlmodels.ddl.quoting import grantee, identifier

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
