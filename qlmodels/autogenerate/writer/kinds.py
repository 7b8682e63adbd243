"""Which writer each kind of fact has, in the order in which facts are made."""

from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import base, columns, keys, privileges, types
from qlmodels.autogenerate.writer import tables as tables
from qlmodels.autogenerate.writer.base import (
    Change,
    KindWriter,
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


# In the order in which things are made, where nothing else decides.
KIND_WRITERS: dict[str, KindWriter] = {
    "role": KindWriter(),
    "membership": KindWriter(),
    "database": KindWriter(),
    "schema": KindWriter(),
    "extension": KindWriter(),
    "type": types.TYPE_WRITER,
    "table": tables.TABLE_WRITER,
    "column": columns.COLUMN_WRITER,
    "default": KindWriter(),
    "sequence": KindWriter(),
    "constraint": keys.CONSTRAINT_WRITER,
    "index": keys.INDEX_WRITER,
    "cluster": KindWriter(),
    "replica identity": KindWriter(),
    "function": KindWriter(_create_function, alter=_alter_function),
    "trigger": KindWriter(),
    "view": KindWriter(alter=_alter_view),
    "materialized view": KindWriter(alter=_alter_view),
    "view column": KindWriter(),
    "owner": KindWriter(
        lambda new, change: iter(()) if new["owner"] == "current_user" else _set_owner(new, change),
        alter=lambda _, new, change: _set_owner(new, change),
    ),
    "row security": KindWriter(),
    "policy": KindWriter(),
    "acl": privileges.ACL_WRITER,
    "column acl": privileges.COLUMN_ACL_WRITER,
    "default privileges": privileges.DEFAULT_PRIVILEGES_WRITER,
    "publication": KindWriter(),
    "publication table": KindWriter(),
    "comment": KindWriter(),
    "uncompared": KindWriter(),
}
