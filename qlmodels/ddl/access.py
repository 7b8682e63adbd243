"""The access matrix: every role, policy and grant, on one page; columns are in columns_by_role.

A role that is not named for a table may do nothing there. No role may TRUNCATE but the owner,
and agents delete through functions only, which also keeps them from locking a table.
"""

from collections.abc import Iterator

from qlmodels.ddl.columns_by_role import (
    ANALYTICS_COLUMNS,
    FIRST_WRITERS,
    INSERTABLE,
    UPDATABLE,
)
from qlmodels.ddl.grants import Grant, Revoke
from qlmodels.ddl.internal import PRIVATE_SCHEMA
from qlmodels.ddl.objects import DDLObject, Membership, Policy, Role, RowSecurity, Schema, declare
from qlmodels.ddl.panel_tables import PANEL_SCHEMA
from qlmodels.ddl.quoting import PUBLIC
from qlmodels.tables import metadata

AGENT_ROLE = "qlmodels_agent"
FLEET_ROLE = "qlmodels_fleet"
PANEL_ROLE = "qlmodels_panel"
DEFINER_ROLE = "qlmodels_definer"
ANALYTICS_ROLE = "analytics_role"
ANON_ROLE = "anon"
AUTHENTICATED_ROLE = "authenticated"
SERVICE_ROLE = "service_role"

ROLES = (
    AGENT_ROLE,
    FLEET_ROLE,
    PANEL_ROLE,
    DEFINER_ROLE,
    ANALYTICS_ROLE,
    ANON_ROLE,
    AUTHENTICATED_ROLE,
    SERVICE_ROLE,
)
AGENT_ROLES = (AGENT_ROLE, FLEET_ROLE, AUTHENTICATED_ROLE)
CLIENT_ROLES = (*AGENT_ROLES, PANEL_ROLE, SERVICE_ROLE)

TABLES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
)

# -- whose rows --------------------------------------------------------------------------------

IS_AGENT = "session_user like 'ql\\_%'"
AGENT_OF_LOGIN = 'substr(session_user::text, 4) collate "default"'

OWN_ROWS = {
    AGENT_ROLE: f"agent_type = (select case when {IS_AGENT} then {AGENT_OF_LOGIN} end)",
    FLEET_ROLE: "agent_type = (select qlmodels.fleet_agent())",
    AUTHENTICATED_ROLE: (
        "agent_type = (select nullif((select current_setting('request.jwt.claims', true)), '')"
        "::jsonb #>> '{app_metadata,agent_type}')"
    ),
}
ALL_ROWS = "true"

CONFINED = (
    "qlmodels.is_unconfined() or case when qlmodels.agent_of_login() is not null "
    "then agent_type = qlmodels.agent_of_login() "
    "else (case when agent_type <> (select qlmodels.confined_to()) then null else true end) "
    "is not null end"
)
"""The RESTRICTIVE rule under all permissive policies, for every role: agents reach their own rows
whatever other policies and grants exist.

It is to PUBLIC, so that no `drop owned by` removes it. The first two functions are constants of a
plan: the rule vanishes for logins that see every row, and is a comparison with a constant for an
agent's login. For other logins the sub-select runs once a statement. It is written as IS NOT NULL
because Postgres estimates that this keeps 99.5 % of the rows."""

# -- views ---------------------------------------------------------------------------------------

SUMMARY_VIEWS = ("agent_performance_summary", "pattern_effectiveness")
EXPIRING = ("q_values", "trajectories", "patterns", "rewards", "sessions")

# -- through which functions -------------------------------------------------------------------

DEFINER_FUNCTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "act_as": {"select": ("agent_types",)},
    "adopted_hashes_of": {},
    "announce_instance": {},
    "cleanup_expired_data": {},
    "current_agent": {},
    "delete_rows": {"delete": tuple(INSERTABLE)},
    "draw_trajectories": {"select": ("trajectories",)},
    "find_patterns": {"select": ("patterns",)},
    "find_states": {"select": ("q_values",)},
    "fleet_agent": {},
    "keep_policy_at_end": {"select": ("q_values", "agent_types")},
    "note_last_versions": {},
    "policy_version": {},
    "priority_buckets": {"select": ("trajectories",)},
    "record_change": {},
    "expiring_agent_types": {"select": ("agent_types", "agent_states", *EXPIRING)},
    "purge": {"select": EXPIRING, "delete": EXPIRING},
    "purge_pairs": {"select": ("q_values",), "delete": ("q_values",)},
    "purge_expired": {"select": ("agent_types", *EXPIRING), "delete": EXPIRING},
    "speaking_for": {},
    "speaks_for_all": {},
}
"""What each function of the definer's does to the seven tables. It sees every row, and answers
each caller with the rows of the agent type that the transaction speaks for."""


def _policies() -> Iterator[DDLObject]:
    for table in TABLES:
        yield RowSecurity(table)
        yield Policy(
            "confined",
            table,
            (PUBLIC,),
            "all",
            using=CONFINED,
            with_check=CONFINED,
            permissive=False,
        )
        for role, own in OWN_ROWS.items():
            if table == "agent_types":
                yield Policy(f"{role}_access", table, (role,), "select", using=own)
            else:
                yield Policy(f"{role}_access", table, (role,), "all", using=own, with_check=own)
        for role in (PANEL_ROLE, DEFINER_ROLE, SERVICE_ROLE):
            yield Policy(
                f"{role}_access", table, (role,), "all", using=ALL_ROWS, with_check=ALL_ROWS
            )
        yield Policy(f"{ANALYTICS_ROLE}_access", table, (ANALYTICS_ROLE,), "select", using=ALL_ROWS)


def _table_grants() -> Iterator[DDLObject]:
    for table in TABLES:
        yield Grant(("select",), table, AGENT_ROLES)
        if columns := INSERTABLE.get(table):
            yield Grant(("insert",), table, AGENT_ROLES, columns=columns)
        if table in UPDATABLE:
            # a change of the first writer's columns is refused by the trigger keep_first_writer
            columns = UPDATABLE[table] + FIRST_WRITERS[table]
            yield Grant(("update",), table, AGENT_ROLES, columns=columns)
        yield Grant(("select", "insert", "update", "delete"), table, (PANEL_ROLE, SERVICE_ROLE))
        yield Grant(("select",), table, (DEFINER_ROLE,))
        yield Grant(("select",), table, (ANALYTICS_ROLE,), columns=ANALYTICS_COLUMNS[table])
    for table in INSERTABLE:  # the rows that agents bring, they may have deleted
        yield Grant(("delete",), table, (DEFINER_ROLE,))
    for table in EXPIRING:
        # what `for update skip locked` asks for
        yield Grant(("update",), table, (DEFINER_ROLE,), columns=("metadata",))
        yield Grant(("select",), f"expiring_{table}", (PANEL_ROLE, DEFINER_ROLE), schema="qlmodels")
        yield Grant(
            ("update",),
            f"expiring_{table}",
            (DEFINER_ROLE,),
            columns=("expires_at",),
            schema="qlmodels",
        )
    for view in SUMMARY_VIEWS:
        yield Grant(("select",), view, (*CLIENT_ROLES, ANALYTICS_ROLE))


def _schemas() -> Iterator[DDLObject]:
    yield Schema("extensions")
    yield Schema("qlmodels", "Who a transaction speaks for; never exposed by an API.")
    yield Schema(
        PRIVATE_SCHEMA,
        "Grants of orchestrators, the audit log, kept Q-tables, the schema's revision; "
        "no agent may enter.",
    )
    yield Schema(PANEL_SCHEMA, "Users, sessions and actions of the panel.")
    yield Revoke(("temporary", "create"), "", kind="database")
    yield Revoke(("create",), "public", kind="schema")
    yield Grant(("usage",), "public", (*CLIENT_ROLES, ANALYTICS_ROLE, DEFINER_ROLE), kind="schema")
    yield Grant(("usage",), "qlmodels", CLIENT_ROLES, kind="schema")
    yield Grant(("usage", "create"), "qlmodels", (DEFINER_ROLE,), kind="schema")
    yield Grant(("usage",), PRIVATE_SCHEMA, (DEFINER_ROLE,), kind="schema")
    yield Grant(("select",), "fleet_grants", (DEFINER_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("select",), "fleet_grants", (PANEL_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("insert",), "audit_log", (DEFINER_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("select",), "audit_log", (PANEL_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("select",), "declared_facts", (PANEL_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("usage",), PRIVATE_SCHEMA, (PANEL_ROLE,), kind="schema")
    # kept, read and pruned, but never changed; a purge goes by bites, and counts them together
    for table in ("policy_versions", "policy_parts"):
        yield Grant(
            ("select", "insert", "delete"), table, (DEFINER_ROLE, PANEL_ROLE), schema=PRIVATE_SCHEMA
        )
    yield Grant(
        ("update",),
        "policy_versions",
        (DEFINER_ROLE,),
        schema=PRIVATE_SCHEMA,
        columns=("states", "pairs", "visits"),
    )
    yield Grant(("select",), "last_versions", (DEFINER_ROLE, PANEL_ROLE), schema=PRIVATE_SCHEMA)
    yield Grant(("insert", "update"), "last_versions", (DEFINER_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("select",), "adoptions", (DEFINER_ROLE,), schema=PRIVATE_SCHEMA)
    yield Grant(("select",), "adopted_hashes", (DEFINER_ROLE, PANEL_ROLE), schema=PRIVATE_SCHEMA)
    yield Grant(("usage",), PANEL_SCHEMA, (PANEL_ROLE,), kind="schema")
    yield Grant(("usage",), PANEL_SCHEMA, (DEFINER_ROLE,), kind="schema")
    yield Grant(("select",), "watchers", (DEFINER_ROLE,), schema=PANEL_SCHEMA)
    yield Grant(("select", "insert", "delete"), "size_samples", (PANEL_ROLE,), schema=PANEL_SCHEMA)
    yield Grant(
        ("select", "insert", "update"), "background_jobs", (PANEL_ROLE,), schema=PANEL_SCHEMA
    )
    for table in PANEL_OWN_TABLES:
        yield Grant(
            ("select", "insert", "update", "delete"), table, (PANEL_ROLE,), schema=PANEL_SCHEMA
        )


PANEL_OWN_TABLES = (
    "users",
    "sessions",
    "sign_in_links",
    "sign_in_attempts",
    "action_runs",
    "watchers",
    "alert_targets",
    "alert_states",
    "alert_messages",
)
"""Tables of the panel in which it changes and deletes rows."""


def access() -> Iterator[DDLObject]:
    """Every role, policy and grant of the seven tables and what surrounds them."""
    yield from (Role(name) for name in ROLES)
    yield Membership(DEFINER_ROLE)
    yield from _schemas()
    yield from _policies()
    yield from _table_grants()


declare(metadata, *access())
