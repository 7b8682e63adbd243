"""What is written to the audit log: which tables, and whose changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import JSON, MetaData, Table

from qlmodels.ddl.access import AUTHENTICATED_ROLE, DEFINER_ROLE, TABLES
from qlmodels.ddl.internal import PRIVATE_SCHEMA, fleet_grants, policy_versions
from qlmodels.ddl.objects import DDLObject, DeferredObjects, declare
from qlmodels.ddl.panel_tables import alert_targets, panel_sessions, sign_in_links, users
from qlmodels.ddl.quoting import identifier
from qlmodels.ddl.triggers import Trigger
from qlmodels.errors import ConfigurationError
from qlmodels.tables import metadata

RECORD_FUNCTION = "qlmodels.record_change"
ROW_CHANGES = "insert or update or delete"

BY_PEOPLE = (
    "session_user not like 'ql\\_%' and session_user not like 'qlfleet\\_%' "
    f"and current_setting('role') <> '{AUTHENTICATED_ROLE}' and current_user <> '{DEFINER_ROLE}'"
)
"""True for the panel, the owner and the service role; false for agents, by their own login, an
orchestrator's or the API, and for retention and `delete_rows`, which run as the definer.

An agent's write costs this comparison and nothing more: the trigger is not even queued."""


@dataclass(frozen=True, slots=True)
class AuditedTable:
    """A table that is audited, by its name: the MetaData may get it later."""

    table: str
    schema: str = "public"
    secret: tuple[str, ...] = ()

    def objects(self, metadata: MetaData) -> Iterator[DDLObject]:
        """Yield the triggers. Raises ConfigurationError where `metadata` has no such table."""
        for table in metadata.tables.values():
            if (table.name, table.schema or "public") == (self.table, self.schema):
                yield from _triggers_of(table, *self.secret)
                return
        raise ConfigurationError(
            f"The table {self.schema}.{self.table} is to be audited, and its MetaData does not "
            "have it. Import its model before the MetaData is read."
        )


def audited(
    table: Table | str, *secret: str, schema: str = "public"
) -> Iterator[DDLObject | DeferredObjects]:
    """Declare that what people change in a table is recorded; it needs a primary key.

    Values of the columns `secret` are not kept, only that they changed.

    >>> declare(SQLModel.metadata, *audited("tools"))
    """
    if isinstance(table, str):
        yield AuditedTable(table, schema, secret)
    else:
        yield from _triggers_of(table, *secret)


def _triggers_of(table: Table, *secret: str) -> Iterator[Trigger]:
    if not table.primary_key.columns:
        raise ConfigurationError(
            f"The table {table.fullname} is audited, so it needs a primary key."
        )
    yield _recording(table, ROW_CHANGES, *secret, when=BY_PEOPLE)
    yield Trigger(
        "record_truncate",
        table.name,
        "after",
        "truncate",
        RECORD_FUNCTION,
        schema=table.schema or "public",
        for_each="statement",
    )


def _recording(table: Table, events: str, *secret: str, when: str | None = None) -> Trigger:
    documents = [column.name for column in table.columns if isinstance(column.type, JSON)]
    keys = [column.name for column in table.primary_key]
    return Trigger(
        "record_change",
        table.name,
        "after",
        events,
        RECORD_FUNCTION,
        schema=table.schema or "public",
        when=when,
        arguments=(_array(keys), _array(documents), _array(secret)),
    )


def _array(names: Iterable[str]) -> str:
    """As Postgres reads an array of text."""
    return "{" + ",".join(map(_element, names)) + "}"


def _element(name: str) -> str:
    if identifier(name) == name:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _triggers() -> Iterator[Trigger]:
    for table in TABLES:
        yield from _triggers_of(metadata.tables[table])
    yield from _triggers_of(fleet_grants)
    yield from _triggers_of(policy_versions)
    yield from _triggers_of(alert_targets, "url", "signing_secret")
    yield _recording(
        users,
        "insert or delete or update of name, role, password_hash, is_active, issuer, subject",
        "password_hash",
    )
    yield _recording(sign_in_links, "insert")
    yield _recording(panel_sessions, "delete", when="old.expires_at > now()")
    yield Trigger(
        "keep_log",
        "audit_log",
        "before",
        "update or delete or truncate",
        "qlmodels.keep_log",
        schema=PRIVATE_SCHEMA,
        for_each="statement",
    )


declare(metadata, *_triggers())
