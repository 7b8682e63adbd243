"""Functions, triggers and views: which file each comes from, who owns it, who may call it."""

from importlib import resources

from qlmodels.ddl.access import AGENT_ROLES, CLIENT_ROLES, DEFINER_ROLE, EXPIRING, PANEL_ROLE
from qlmodels.ddl.columns_by_role import FIRST_WRITERS
from qlmodels.ddl.functions import Function
from qlmodels.ddl.objects import Extension, View, declare
from qlmodels.ddl.panel_tables import PANEL_SCHEMA
from qlmodels.ddl.quoting import PUBLIC
from qlmodels.ddl.triggers import Trigger
from qlmodels.tables import metadata


def _sql(schema: str, name: str) -> str:
    """The text of one object, whose file is named as the object."""
    folder = resources.files("qlmodels.ddl") / "sql" / schema
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def _callable(name: str) -> Function:
    return Function(name, _sql("public", name), execute=CLIENT_ROLES)


def _helper(name: str) -> Function:
    """A function that the callable ones are made of, with the rights of whoever calls it."""
    return Function(name, _sql("qlmodels", name), schema="qlmodels", execute=CLIENT_ROLES)


def _rule(name: str) -> Function:
    """One expression that statements share: Postgres inlines it for every role that may call it."""
    return Function(
        name, _sql("qlmodels", name), schema="qlmodels", execute=(*CLIENT_ROLES, DEFINER_ROLE)
    )


def _definer(name: str, *execute: str) -> Function:
    """A function that sees every row, and so must decide by itself whom it answers."""
    return Function(
        name, _sql("qlmodels", name), schema="qlmodels", owner=DEFINER_ROLE, execute=execute
    )


EXTENSIONS = tuple(Extension(name, "extensions") for name in ("btree_gin", "pg_trgm"))

FUNCTIONS = (
    _definer("fleet_agent", *CLIENT_ROLES),
    _definer("speaks_for_all", PUBLIC),
    _definer("current_agent", *CLIENT_ROLES),
    _definer("speaking_for", *CLIENT_ROLES),
    _definer("act_as", *CLIENT_ROLES),
    _definer("find_states", *CLIENT_ROLES),
    _definer("find_patterns", *CLIENT_ROLES),
    _definer("delete_rows", *AGENT_ROLES),
    _definer("draw_trajectories", *CLIENT_ROLES),
    _definer("priority_buckets", *CLIENT_ROLES),
    _definer("expiring_agent_types", *CLIENT_ROLES),
    _definer("purge_pairs"),
    _definer("purge", *CLIENT_ROLES),
    _definer("purge_expired", *CLIENT_ROLES),
    _definer("cleanup_expired_data", *CLIENT_ROLES),
    _definer("record_change"),
    _definer("announce_instance"),
    _definer("keep_policy_at_end"),
    _definer("note_last_versions"),
    _definer("policy_version", *CLIENT_ROLES),
    _definer("adopted_hashes_of", *CLIENT_ROLES),
    # called for every login by the policies "confined"; owned by the migrating login, so that no
    # `drop owned by` of a group removes them, and the policies with them
    *(
        Function(name, _sql("qlmodels", name), schema="qlmodels", execute=(PUBLIC,))
        for name in ("agent_of_login", "confined_to", "is_unconfined")
    ),
    _helper("learning_steps"),
    _helper("lock_pairs"),
    _helper("lock_states"),
    _helper("policy_actions"),
    _helper("policy_value"),
    _helper("check_step_options"),
    _helper("learn_transition"),
    _helper("learn_transitions"),
    _helper("upsert_pairs"),
    _helper("satisfies"),
    _helper("add_to_instance"),
    _rule("is_same_document"),
    _rule("confidence_after"),
    _rule("uncertainty_after"),
    _rule("exploration_after"),
    _rule("total_after"),
    _rule("learning_rate_at"),
    _rule("mean_of"),
    _rule("product"),
    _rule("retention"),
    _rule("expiry"),
    Function("keep_log", _sql("qlmodels", "keep_log"), schema="qlmodels"),
    Function("keep_an_admin", _sql("qlmodels", "keep_an_admin"), schema="qlmodels"),
    Function("end_sessions", _sql("qlmodels", "end_sessions"), schema="qlmodels"),
    Function(
        "prune_audit_log",
        _sql("qlmodels_private", "prune_audit_log"),
        schema="qlmodels_private",
    ),
    # with the rights of whoever calls it, so that what a person keeps is logged
    Function(
        "keep_policy",
        _sql("qlmodels_private", "keep_policy"),
        schema="qlmodels_private",
        execute=(PANEL_ROLE, DEFINER_ROLE),
    ),
    Function(
        "policy_settings",
        _sql("qlmodels_private", "policy_settings"),
        schema="qlmodels_private",
        execute=(PANEL_ROLE, DEFINER_ROLE),
    ),
    Function(
        "next_version",
        _sql("qlmodels_private", "next_version"),
        schema="qlmodels_private",
        execute=(PANEL_ROLE, DEFINER_ROLE),
    ),
    Function(
        "keep_purged",
        _sql("qlmodels_private", "keep_purged"),
        schema="qlmodels_private",
        execute=(DEFINER_ROLE,),
    ),
    # the migrating login's, whose table it reads
    Function(
        "schema_revision",
        _sql("qlmodels", "schema_revision"),
        schema="qlmodels",
        execute=(PANEL_ROLE,),
    ),
    Function("keep_first_writer", _sql("qlmodels", "keep_first_writer"), schema="qlmodels"),
    Function("touch_updated_at", _sql("qlmodels", "touch_updated_at"), schema="qlmodels"),
    _callable("upsert_q_value"),
    _callable("upsert_q_values"),
    _callable("get_best_action"),
    _callable("learn_step"),
    _callable("learn"),
    _callable("learn_many"),
    _callable("nudge_q_values"),
    _callable("match_patterns"),
    _callable("find_states"),
    _callable("find_actions"),
    _callable("find_patterns"),
    Function("delete_rows", _sql("public", "delete_rows"), execute=AGENT_ROLES),
    _callable("cleanup_expired_data"),
    _callable("refresh_materialized_views"),
)

ANNOUNCE_FUNCTION = "qlmodels.announce_instance"
ANOTHER_SECOND = (
    "date_trunc('second', old.updated_at) is distinct from date_trunc('second', new.updated_at)"
)
"""Whoever hears of an instance looks again a second later, and so sees what this leaves out."""

WAS_ADMIN = "old.role = 'admin' and old.is_active"
IS_ADMIN = "new.role = 'admin' and new.is_active"

TRIGGERS = (
    *(
        Trigger("touch_updated_at", table, "before", "update", "qlmodels.touch_updated_at")
        for table in ("agent_types", "sessions", "agent_states")
    ),
    # for statements that name such a column alone, which none of ours does
    *(
        Trigger(
            "keep_first_writer",
            table,
            "before",
            f"update of {', '.join(columns)}",
            "qlmodels.keep_first_writer",
            when=" or ".join(f"old.{name} is distinct from new.{name}" for name in columns),
            arguments=columns,
        )
        for table, columns in FIRST_WRITERS.items()
    ),
    Trigger(
        "note_last_versions",
        "policy_versions",
        "after",
        "delete",
        "qlmodels.note_last_versions",
        schema="qlmodels_private",
        for_each="statement",
        transitions="old table as gone",
    ),
    Trigger("announce_instance", "agent_states", "after", "insert or delete", ANNOUNCE_FUNCTION),
    Trigger(
        "announce_heartbeat",
        "agent_states",
        "after",
        "update",
        ANNOUNCE_FUNCTION,
        when=ANOTHER_SECOND,
    ),
    Trigger(
        "announce_end",
        "sessions",
        "after",
        "update of status",
        ANNOUNCE_FUNCTION,
        when="old.status is distinct from new.status",
    ),
    Trigger(
        "keep_policy",
        "sessions",
        "after",
        "update of status",
        "qlmodels.keep_policy_at_end",
        when="old.status = 'active' and new.status <> 'active'",
    ),
    Trigger(
        "lock_admins",
        "users",
        "before",
        "delete or update of role, is_active",
        "qlmodels.keep_an_admin",
        schema=PANEL_SCHEMA,
        for_each="statement",
    ),
    *(
        Trigger(
            name,
            "users",
            "after",
            events,
            "qlmodels.keep_an_admin",
            schema=PANEL_SCHEMA,
            when=when,
            constraint=True,
        )
        for name, events, when in (
            ("an_admin_is_deleted", "delete", WAS_ADMIN),
            ("an_admin_is_demoted", "update", f"{WAS_ADMIN} and not ({IS_ADMIN})"),
        )
    ),
    Trigger(
        "end_sessions",
        "users",
        "after",
        "update",
        "qlmodels.end_sessions",
        schema=PANEL_SCHEMA,
        when="(old.is_active and not new.is_active) or (old.issuer, old.subject) "
        "is distinct from (new.issuer, new.subject)",
    ),
)

VIEWS = (
    *(
        View(name, _sql("public", name))
        for name in ("agent_performance_summary", "pattern_effectiveness")
    ),
    *(
        View(f"expiring_{table}", _sql("qlmodels", f"expiring_{table}"), schema="qlmodels")
        for table in EXPIRING
    ),
)

declare(metadata, *EXTENSIONS, *FUNCTIONS, *TRIGGERS, *VIEWS)
