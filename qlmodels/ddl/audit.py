"""What is written to the audit log: which tables, and whose changes."""

from collections.abc import Iterable, Iterator

from sqlalchemy import JSON, Table

from qlmodels.ddl.access import AUTHENTICATED_ROLE, DEFINER_ROLE, TABLES
from qlmodels.ddl.internal import PRIVATE_SCHEMA, fleet_grants, policy_versions
from qlmodels.ddl.objects import declare
from qlmodels.ddl.panel_tables import alert_targets, panel_sessions, sign_in_links, users
from qlmodels.ddl.quoting import identifier
from qlmodels.ddl.triggers import Trigger
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


def audited(table: Table, *secret: str) -> Iterator[Trigger]:
    """The triggers that record what people change in a table; it needs a primary key.

    Values of the columns `secret` are not kept, only that they changed.

    >>> declare(SQLModel.metadata, *audited(SQLModel.metadata.tables["tools"]))
    """
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
        yield from audited(metadata.tables[table])
    yield from audited(fleet_grants)
    yield from audited(policy_versions)
    yield from audited(alert_targets, "url", "signing_secret")
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
