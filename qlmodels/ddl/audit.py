"""What is written to the audit log: which tables, and whose changes."""

from collections.abc import Iterator

from sqlmodel import SQLModel

from qlmodels.ddl.access import AUTHENTICATED, DEFINER, TABLES
from qlmodels.ddl.internal import PANEL, PRIVATE
from qlmodels.ddl.objects import Trigger, declare

RECORD = "qlmodels.record_change"
ROW_CHANGES = "insert or update or delete"

BY_PEOPLE = (
    "session_user not like 'ql\\_%' and session_user not like 'qlfleet\\_%' "
    f"and current_setting('role') <> '{AUTHENTICATED}' and current_user <> '{DEFINER}'"
)
"""True for the panel, the owner and the service role; false for agents, by their own login, an
orchestrator's or the API, and for retention and `delete_rows`, which run as the definer.

An agent's write costs this comparison and nothing more: the trigger is not even queued."""


def audited(table: str, schema: str = "public", *secret: str) -> Iterator[Trigger]:
    """The triggers that record what people change in a table; it needs a primary key.

    Values of the columns `secret` are not kept, only that they changed.

    >>> declare(SQLModel.metadata, *audited("tools"))
    """
    yield Trigger(
        "record_change", table, "after", ROW_CHANGES, RECORD,
        schema=schema, when=BY_PEOPLE, arguments=secret,
    )  # fmt: skip
    yield Trigger(
        "record_truncate", table, "after", "truncate", RECORD, schema=schema, for_each="statement"
    )


def _triggers() -> Iterator[Trigger]:
    for table in TABLES:
        yield from audited(table)
    yield from audited("fleet_grants", PRIVATE)
    yield Trigger(
        "record_change", "users", "after",
        "insert or delete or update of name, role, password_hash, is_active", RECORD,
        schema=PANEL, arguments=("password_hash",),
    )  # fmt: skip
    yield Trigger("record_change", "sign_in_links", "after", "insert", RECORD, schema=PANEL)
    yield Trigger(
        "keep_log", "audit_log", "before", "update or delete or truncate", "qlmodels.keep_log",
        schema=PRIVATE, for_each="statement",
    )  # fmt: skip


declare(SQLModel.metadata, *_triggers())
