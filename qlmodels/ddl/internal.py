"""Tables that are not the fleet's: who may act as whom, who changed what, which Q-tables were kept.

They are Core tables, so that migrations never import the panel.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from qlmodels.tables import metadata

PRIVATE_SCHEMA = "qlmodels_private"

_now = text("now()")

fleet_grants = Table(
    "fleet_grants",
    metadata,
    Column("login", Text, primary_key=True, comment="Name of an orchestrator's login"),
    Column(
        "agent_type",
        String(50),
        ForeignKey("agent_types.agent_type", name="fk_fleet_grants_agent_type", ondelete="CASCADE"),
        primary_key=True,
        comment="An agent type it may act as",
    ),
    Column("granted_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Index("ix_fleet_grants_agent_type", "agent_type"),
    schema=PRIVATE_SCHEMA,
    comment="Which agent types an orchestrator's login may act as, one per transaction.",
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("entry_id", BigInteger, Identity(always=True), primary_key=True),
    Column("changed_at", DateTime(timezone=True), nullable=False, comment="When it was changed"),
    Column("transaction_id", BigInteger, nullable=False, comment="Changes made together share it"),
    Column("login", Text, nullable=False, comment="Who was connected (session_user)"),
    Column("panel_user", Text, comment="For whom, if the login is the panel's"),
    Column("note", Text, comment="By which action or restored from where, if the panel says so"),
    Column("table_name", Text, nullable=False, comment="With its schema, unless that is public"),
    Column("row_key", JSONB(none_as_null=True), comment="Primary key, as it was before"),
    Column("operation", String(10), nullable=False, comment="insert, update, delete and so on"),
    Column("old_values", JSONB(none_as_null=True), comment="What was there; NULLs are left out"),
    Column("new_values", JSONB(none_as_null=True), comment="What took its place"),
    CheckConstraint(
        "operation in ('insert', 'update', 'delete', 'truncate', 'prune')",
        name="ck_audit_log_operation",
    ),
    Index("ix_audit_log_table_name", "table_name", "entry_id"),
    Index("ix_audit_log_who", text("coalesce(panel_user, login)"), "entry_id"),
    Index("ix_audit_log_changed_at", "changed_at"),
    Index("ix_audit_log_transaction_id", "transaction_id"),
    Index(
        "ix_audit_log_row_key",
        "row_key",
        postgresql_using="gin",
        postgresql_ops={"row_key": "jsonb_path_ops"},
        postgresql_with={"fastupdate": "off"},
    ),
    schema=PRIVATE_SCHEMA,
    comment="Who changed which row, and how; append-only.",
)

adopt_rejects = Table(
    "adopt_rejects",
    metadata,
    Column("table_name", Text, primary_key=True, comment="Table that the row was in"),
    Column("row_key", Text, primary_key=True, comment="Its primary key there"),
    Column("reason", Text, nullable=False, comment="Why it could not be kept as it was"),
    Column("original", JSONB, nullable=False, comment="The row as it was"),
    Column("correction", JSONB, comment="Columns kept otherwise; null where no row was kept"),
    Column("adopted_at", DateTime(timezone=True), nullable=False, server_default=_now),
    schema=PRIVATE_SCHEMA,
    comment="Rows of an adopted database that are not kept as they were.",
)

adoptions = Table(
    "adoptions",
    metadata,
    Column(
        "agent_type",
        String(50),
        ForeignKey("agent_types.agent_type", name="fk_adoptions_agent_type", ondelete="CASCADE"),
        primary_key=True,
        comment="Whose rows were adopted",
    ),
    Column("adopted_at", DateTime(timezone=True), nullable=False, server_default=_now),
    schema=PRIVATE_SCHEMA,
    comment="Since when rows that the original kept for ever are counted towards retention.",
)

adopted_hashes = Table(
    "adopted_hashes",
    metadata,
    Column(
        "agent_type",
        String(50),
        ForeignKey(
            "agent_types.agent_type", name="fk_adopted_hashes_agent_type", ondelete="CASCADE"
        ),
        primary_key=True,
        comment="Whose document it is",
    ),
    Column("kind", String(10), primary_key=True, comment="state or action"),
    Column("document_hash", String(64), primary_key=True, comment="Hash of the document by ours"),
    Column("hash", String(64), nullable=False, comment="The hash that it was adopted with"),
    CheckConstraint("kind in ('state', 'action')", name="ck_adopted_hashes_kind"),
    schema=PRIVATE_SCHEMA,
    comment="Hashes of adopted documents, where the rule of the original gives others.",
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column(
        "agent_type",
        String(50),
        ForeignKey(
            "agent_types.agent_type", name="fk_policy_versions_agent_type", ondelete="CASCADE"
        ),
        primary_key=True,
        comment="Whose Q-table it is",
    ),
    Column(
        "policy_version", Integer, primary_key=True, comment="Counted from 1", autoincrement=False
    ),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("reason", String(10), nullable=False, comment="By hand, or before or after what"),
    Column("login", Text, nullable=False, comment="Who was connected (session_user)"),
    Column("panel_user", Text, comment="For whom, if the login is the panel's"),
    Column("note", Text, comment="What for, in words"),
    Column("states", BigInteger, nullable=False),
    Column("pairs", BigInteger, nullable=False),
    Column("visits", BigInteger, nullable=False, comment="Of all its pairs together"),
    Column(
        "settings",
        JSONB(none_as_null=True),
        comment="What gave the values their meaning then: see policy_settings",
    ),
    CheckConstraint(
        "reason in ('hand', 'session', 'merge', 'import', 'restore', 'purge', 'promote')",
        name="ck_policy_versions_reason",
    ),
    schema=PRIVATE_SCHEMA,
    comment="Q-tables as they once were, one version after the other.",
)

last_versions = Table(
    "last_versions",
    metadata,
    Column("agent_type", String(50), primary_key=True, comment="May be deleted, or made again"),
    Column("policy_version", Integer, nullable=False, comment="The largest that was deleted"),
    schema=PRIVATE_SCHEMA,
    comment="Numbers of versions that are not kept any more, which are never given again.",
)

policy_parts = Table(
    "policy_parts",
    metadata,
    Column("agent_type", String(50), primary_key=True),
    Column("policy_version", Integer, primary_key=True, autoincrement=False),
    Column(
        "part", Integer, primary_key=True, autoincrement=False, comment="In order of the states"
    ),
    Column("q_value_ids", ARRAY(BigInteger), nullable=False),
    Column("session_ids", ARRAY(Uuid), nullable=False),
    Column("state_hashes", ARRAY(Text), nullable=False),
    Column("states", ARRAY(JSONB), nullable=False),
    Column("action_hashes", ARRAY(Text), nullable=False),
    Column("actions", ARRAY(JSONB), nullable=False),
    Column("q_values", ARRAY(Double), nullable=False),
    Column("visit_counts", ARRAY(Integer), nullable=False),
    Column("confidence_scores", ARRAY(Double), nullable=False),
    Column("uncertainties", ARRAY(Double), nullable=False),
    Column("td_errors", ARRAY(Double), nullable=False),
    Column("last_updated", ARRAY(DateTime(timezone=True)), nullable=False),
    Column("created_at", ARRAY(DateTime(timezone=True)), nullable=False),
    Column("metadata", ARRAY(JSONB), nullable=False),
    ForeignKeyConstraint(
        ["agent_type", "policy_version"],
        [
            f"{PRIVATE_SCHEMA}.policy_versions.agent_type",
            f"{PRIVATE_SCHEMA}.policy_versions.policy_version",
        ],
        name="fk_policy_parts_version",
        ondelete="CASCADE",
    ),
    schema=PRIVATE_SCHEMA,
    comment="The pairs of a version: 256 states a row, column by column, which TOAST compresses.",
)

declared_facts = Table(
    "declared_facts",
    metadata,
    Column("revision", Text, primary_key=True, comment="Of the schema, as Alembic numbers it"),
    Column("facts", JSONB, nullable=False, comment="What the catalogs said once it was reached"),
    Column("stored_at", DateTime(timezone=True), nullable=False, server_default=_now),
    schema=PRIVATE_SCHEMA,
    comment="The schema as upgrade left it, for the panel to see what was changed since.",
)
