"""Every kind of fact, in the order in which facts are made where nothing else decides.

A new kind is one entry here, one SQL file that reads it, and a value to declare it by.
"""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import (
    base,
    columns,
    keys,
    privileges,
    sequences,
    tables,
    types,
)
from qlmodels.autogenerate.writer.base import (
    CannotWrite,
    Change,
    Kind,
    Statement,
    Statements,
    differing,
)


def _set_owner(owner: Fact, change: Change) -> Statements:
    """The new owner needs CREATE on the schema for the moment, unless it has it anyway."""
    who, schema = owner["owner"], change.target[owner.parent].of
    lent = False
    if schema is not None and schema.kind == "schema" and who != "current_user":
        grants = change.target.get(Key("acl", str(schema)))
        held = grants["grants"].get(who, "") if grants else ""
        lent = not ("CREATE" in held or held == "ALL")
    if lent and schema is not None:
        yield Statement(f"grant create on schema {schema.name} to {who}")
    yield from base.written(owner.sql["alter"]["owner"])
    if lent and schema is not None:
        yield Statement(f"revoke create on schema {schema.name} from {who}")


def _create_function(function: Fact, _change: Change) -> Statements:
    yield Statement(function["definition"].replace("CREATE OR REPLACE ", "CREATE ", 1))


def _alter_function(old: Fact, new: Fact, _change: Change) -> Statements | None:
    fewer = (old["argument defaults"] or 0) > (new["argument defaults"] or 0)
    if fewer or differing(old, new) & {"procedure", "signature", "returns"}:
        return None
    return iter([Statement(new["definition"])])


def _alter_view(old: Fact, new: Fact, change: Change) -> Statements | None:
    kept = new.sql["columns"][: len(old.sql["columns"])]
    return base.alter(old, new, change) if kept == old.sql["columns"] else None


def _create_owner(new: Fact, change: Change) -> Statements:
    return iter(()) if new["owner"] == "current_user" else _set_owner(new, change)


def _refuse(fact: Fact, _change: Change) -> Statements:
    raise CannotWrite(
        f"{fact.name} is of a kind that is not compared, so that it cannot be written:"
        " make or drop it in a revision of your own"
    )


def _always(_fact: Fact) -> bool:
    return True


def _refers(constraint: Fact) -> bool:
    return bool(constraint["type"] == "foreign key")


KINDS: dict[str, Kind] = {
    "role": Kind(shared=True, holds=_always),
    "membership": Kind(shared=True),
    "database": Kind(leads=True),
    "schema": Kind(standalone=True, holds=_always, leads=True),
    "extension": Kind(standalone=True, shared=True, holds=_always),
    "type": Kind(types.create, alter=types.alter, standalone=True, makes_way=types.makes_way),
    "table": Kind(
        drop=tables.drop,
        alter=tables.alter,
        standalone=True,
        holds=_always,
        whole=tables.whole,
    ),
    "column": Kind(
        columns.create,
        columns.drop,
        columns.alter,
        holds=columns.holds,
        blocks=_always,
        inline=lambda _: (0, ""),
        goes_along=True,
    ),
    "default": Kind(inline=lambda _: (1, ""), verbatim=True, described="default of column {}"),
    "sequence": Kind(sequences.create, sequences.drop, standalone=True),
    "constraint": Kind(
        keys.create_constraint,
        alter=keys.alter_constraint,
        blocks=_refers,
        inline=keys.inline_order,
    ),
    "index": Kind(keys.create_index, alter=keys.alter_index, plural="indexes"),
    "statistics": Kind(plural="statistics"),
    "cluster": Kind(file="table_index", described="clustering of {}"),
    "replica identity": Kind(
        file="table_index", plural="replica identities", described="replica identity of {}"
    ),
    "function": Kind(
        _create_function,
        alter=_alter_function,
        standalone=True,
        blocks=_always,
        verbatim=True,
        bodies=True,
    ),
    "trigger": Kind(blocks=_always),
    "rule": Kind(blocks=_always),
    "view": Kind(alter=_alter_view, standalone=True, blocks=_always),
    "materialized view": Kind(alter=_alter_view, file="view", standalone=True, blocks=_always),
    "view column": Kind(),
    "owner": Kind(
        _create_owner,
        alter=lambda _, new, change: _set_owner(new, change),
        satellite=True,
        described="owner of {}",
    ),
    "row security": Kind(plural="row security", described="row security of {}"),
    "policy": Kind(blocks=_always, plural="policies"),
    "acl": Kind(
        privileges.create_acl,
        privileges.drop_acl,
        privileges.alter_acl,
        satellite=True,
        after=("owner",),
        resets=("column acl",),
        noun="grant",
        described="privileges on {}",
    ),
    "column acl": Kind(
        privileges.create_column_acl,
        privileges.drop_column_acl,
        privileges.alter_column_acl,
        satellite=True,
        after=("owner", "acl"),
        noun="grant",
        described="column privileges on {}",
    ),
    "default privileges": Kind(
        privileges.create_default,
        privileges.drop_default,
        privileges.alter_default,
        plural="default privileges",
    ),
    "publication": Kind(standalone=True),
    "publication table": Kind(blocks=_always),
    "comment": Kind(satellite=True, after=("owner",), described="comment on {}"),
    "uncompared": Kind(_refuse, _refuse, standalone=True),
}


def inline_order(fact: Fact) -> tuple[int, str] | None:
    """Where in the statement that makes the whole `fact` is said; None for one of its own."""
    return KINDS[fact.kind].inline(fact)
