"""Roles, memberships, owners, and the policies that name them."""

from collections.abc import Iterator

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer.base import (
    Change,
    Statement,
    Statements,
    Writer,
    as_read,
    differing,
    literal,
    nothing,
    owned,
)

UNCOMMON = {
    "admin": "admin option", "without inheriting": "inherit false", "without setting": "set false",
}  # fmt: skip


def _create_role(role: Fact, _change: Change) -> Statements:
    attributes = " ".join(_attributes(role)) or "nologin"
    yield Statement(
        "do $$ begin\n"
        "    if not exists (select from pg_catalog.pg_roles"
        f" where rolname = {literal(_unquoted(role.name))}) then\n"
        f"        create role {role.name} {attributes};\n"
        "    end if;\n"
        "end $$"
    )


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _attributes(role: Fact, names: set[str] | None = None) -> Iterator[str]:
    for name, value in role.properties.items():
        if names is not None and name not in names:
            continue
        if isinstance(value, bool):
            if names is not None or name in {"login", "inherit"}:
                yield name if value else f"no{name}"
        elif name == "connection limit" and names is not None:
            yield f"connection limit {value}"


def _alter_role(old: Fact, new: Fact, _change: Change) -> Statements:
    if attributes := " ".join(_attributes(new, differing(old, new))):
        yield Statement(f"alter role {new.name} {attributes}")
    before, after = _settings(old), _settings(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            to = f"set {name} to {literal(after[name])}" if name in after else f"reset {name}"
            yield Statement(f"alter role {new.name} {to}")


def _settings(role: Fact) -> dict[str, str]:
    return dict(setting.split("=", 1) for setting in role["settings"] or ())


def _create_membership(link: Fact, _change: Change) -> Statements:
    """Granted where absent, unless it is of an uncommon sort."""
    if sorts := [words for name, words in UNCOMMON.items() if link[name]]:
        yield Statement(f"grant {link['role']} to {link['member']} with {', '.join(sorts)}")
        return
    member = link["member"]
    who = "current_user" if member == "current_user" else literal(_unquoted(member))
    role = literal(_unquoted(link["role"]))
    yield Statement(
        "do $$ begin\n"
        f"    if not pg_catalog.pg_has_role({who}, {role}, 'usage') then\n"
        f"        grant {link['role']} to {member};\n"
        "    end if;\n"
        "end $$"
    )


def _drop_membership(link: Fact, _change: Change) -> Statements:
    if link["member"] != "current_user":  # the login's own may serve other databases
        yield Statement(f"revoke {link['role']} from {link['member']}")


# -- owners ------------------------------------------------------------------------------------


def _create_owner(owner: Fact, change: Change) -> Statements:
    if owner["owner"] != "current_user":
        yield from _set_owner(owner, change)


def _set_owner(owner: Fact, change: Change) -> Statements:
    """The new owner needs CREATE on the schema for the moment, unless it has it anyway."""
    kind, name = owned(owner, change)
    schema = change.target[owner.parent].of
    lent = False
    if schema is not None and schema.kind == "schema" and owner["owner"] != "current_user":
        grants = change.target.get(Key("acl", str(schema)))
        held = grants["grants"].get(owner["owner"], "") if grants else ""
        lent = not ("CREATE" in held or held == "ALL")
    if lent and schema is not None:
        yield Statement(f"grant create on schema {schema.name} to {owner['owner']}")
    yield Statement(f"alter {kind} {name} owner to {owner['owner']}")
    if lent and schema is not None:
        yield Statement(f"revoke create on schema {schema.name} from {owner['owner']}")


def _create_policy(policy: Fact, _change: Change) -> Statements:
    lines = [f"create policy {policy['name']} on {policy.parent.name}"]
    if not policy["permissive"]:
        lines.append("    as restrictive")
    lines.append(f"    for {policy['command']} to {', '.join(policy['roles'])}")
    lines += _expressions(policy)
    yield Statement("\n".join(lines))


def _expressions(policy: Fact) -> list[str]:
    return [
        f"    {word} ({as_read(policy[word])})" for word in ("using", "with check") if policy[word]
    ]


def _drop_policy(policy: Fact, _change: Change) -> Statements:
    yield Statement(f"drop policy {policy['name']} on {policy.parent.name}")


def _alter_policy(old: Fact, new: Fact, _change: Change) -> Statements | None:
    changed = differing(old, new)
    lost = any(old[word] and not new[word] for word in ("using", "with check"))
    if lost or changed & {"command", "permissive"}:
        return None
    lines = [f"alter policy {new['name']} on {new.parent.name}"]
    if "roles" in changed:
        lines.append(f"    to {', '.join(new['roles'])}")
    lines += _expressions(new)
    return iter((Statement("\n".join(lines)),))


ROLE = Writer(_create_role, nothing, _alter_role)
MEMBERSHIP = Writer(_create_membership, _drop_membership)
OWNER = Writer(_create_owner, nothing, lambda _, new, change: _set_owner(new, change))
POLICY = Writer(_create_policy, _drop_policy, _alter_policy)
