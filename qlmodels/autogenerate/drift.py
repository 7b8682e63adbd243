"""What was changed in the schema by hand since `upgrade`, told from catalogs alone.

`upgrade` stores what its revisions make, as the catalogs print it. Whoever may
read catalogs compares with that, builds nothing and needs no right of the owner's. `qlmodels check`
compares with the models themselves, in a scratch database.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, insert, select, text

from qlmodels.autogenerate.describe import describe
from qlmodels.autogenerate.diff import differences
from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.reader import read, report_unknown_options
from qlmodels.autogenerate.scope import STANDALONE_KINDS
from qlmodels.autogenerate.scratch import NoScratch, is_elsewhere, printed, scratch, settled
from qlmodels.autogenerate.storage_options import compare_options
from qlmodels.ddl import metadata
from qlmodels.ddl.build import statements
from qlmodels.ddl.internal import declared_facts
from qlmodels.ddl.objects import Role, Schema, declared
from qlmodels.ddl.quoting import CURRENT_USER

BY_LOGIN: Final = {"owner", "acl", "column acl"}
"""Kinds that tell of the login that reads; an expression may speak of it too, as text."""

PUBLIC_SCHEMA: Final = "public"
UNRELATED_KINDS: Final = STANDALONE_KINDS - {"schema", "extension"}
"""What stands by itself: beside ours it is somebody else's."""

IN_THIS_TRANSACTION: Final = text(
    "select exists (select from qlmodels_private.declared_facts"
    " where revision = any(:revisions) and stored_at = now())"
)

_NAME = text("select quote_ident(current_user)")
_KNOWN = text("select to_regclass('qlmodels_private.alembic_version') is not null")
_VERSION = text("select version_num from qlmodels_private.alembic_version")


def foreseen(connection: Connection, target: Any) -> Facts | None:
    """What the models declare, built in a scratch database before an upgrade takes its first lock.

    None where nothing is to be upgraded, where the database is empty, so that its catalogs will be
    as the revisions make them, or where no scratch database can be had. Ends the transaction.
    """
    try:
        known = connection.execute(_KNOWN).scalar_one()
        former = connection.execute(_VERSION).scalar_one_or_none() if known else None
        if former is None or former == target:
            return None
        with suppress(NoScratch), scratch(connection) as beside:
            if not is_elsewhere(beside):
                return ours(beside, settled(beside, printed(beside, statements(metadata)))[1])
        return None
    finally:
        connection.rollback()


def remember(
    *, ctx: MigrationContext, step: MigrationInfo, heads: Any, beside: Facts | None = None, **_: Any
) -> None:
    """Called by Alembic within the transaction of each revision (`on_version_apply`).

    From an empty database the catalogs are as the revisions made them. Else they may have been
    changed before, so that `beside` is stored, which `foreseen` built; without it nothing is.
    """
    if ctx.as_sql or not step.is_upgrade or ctx.connection is None:
        return
    connection, former = ctx.connection, [*step.source_revision_ids]
    values = {"revisions": former}
    facts = beside
    if not former or connection.execute(IN_THIS_TRANSACTION, values).scalar_one():
        facts = ours(connection, read(connection))
    connection.execute(declared_facts.delete())
    if facts is not None:
        rows = [[*fact.key, fact.of, fact.properties, _order(fact)] for fact in facts.values()]
        (revision,) = heads
        connection.execute(insert(declared_facts).values(revision=revision, facts=rows))


def changed(connection: Connection, revision: str) -> list[str] | None:
    """What differs from what was stored for `revision`, in words; None if nothing was stored."""
    wanted = select(declared_facts.c.facts).where(declared_facts.c.revision == revision)
    rows = connection.execute(wanted).scalar_one_or_none()
    if rows is None:
        return None
    before = Facts({fact.key: fact for fact in map(_fact, rows)})
    compare_options(connection, statements(metadata))
    report_unknown_options(connection)
    now = ours(connection, read(connection))
    known = now.without({key for key in now if key.kind in UNRELATED_KINDS and key not in before})
    return [_since(describe(found)) for found in differences(known, before)]


def ours(connection: Connection, facts: Facts) -> Facts:
    """Of `facts` what lies in our schemas, and our roles, whoever read them."""
    things = declared(metadata)
    roles = {thing.name for thing in things if isinstance(thing, Role)}
    schemas = {PUBLIC_SCHEMA, *(thing.name for thing in things if isinstance(thing, Schema))}
    me = str(connection.execute(_NAME).scalar_one())
    found = {}
    for key, fact in facts.items():
        root = facts.chain(key)[-1]
        if _is_ours(root, schemas, roles) and not _is_another_s(key, facts):
            found[key] = _named(fact, me)
    return Facts(found).only(found.keys())


def _is_ours(root: Key, schemas: set[str], roles: set[str]) -> bool:
    match root.kind:
        case "schema":
            return root.name in schemas
        case "role":
            return root.name in roles
        case "publication":
            return True
        case _:
            return False


def _is_another_s(key: Key, facts: Facts) -> bool:
    """Alembic's own table, and who may do what in the schema that everybody shares."""
    chain = facts.chain(key)
    shared = len(chain) == 2 and chain[1] == Key("schema", PUBLIC_SCHEMA)
    return any(part.name.endswith(".alembic_version") for part in chain) or (
        shared and key.kind in {"owner", "acl", "comment"}
    )


def _named(fact: Fact, me: str) -> Fact:
    """The login that reads by its name, for another will read next time."""
    if fact.kind not in BY_LOGIN:
        return fact
    properties = {name: _replaced(value, me) for name, value in fact.properties.items()}
    return replace(fact, properties=properties)


def _renamed(name: str, me: str) -> str:
    return " ".join(me if part == CURRENT_USER else part for part in name.split(" "))


def _replaced(value: Any, me: str) -> Any:
    match value:
        case str():
            return _renamed(value, me)
        case dict():
            return {_renamed(name, me): item for name, item in value.items()}
        case _:
            return value


def _order(fact: Fact) -> list[str] | None:
    """Of a table's columns, which is part of what it is."""
    return list(fact.sql["columns"]) if fact.kind == "table" else None


def _fact(row: list[Any]) -> Fact:
    kind, name, of, properties, order = row
    above = None if of is None else Key(*of)
    sql: Mapping[str, Any] = {} if order is None else {"columns": order, "ordered": True}
    return Fact(Key(kind, name), above, properties, sql)


def _since(words: str) -> str:
    """As `check` says it, but the other side is what `upgrade` left."""
    return words.replace("in the models", "after upgrade").replace("in the database", "now")
