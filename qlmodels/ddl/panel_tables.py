"""The panel's tables: users and sessions, actions, watchers, sizes, jobs, alerts.

They are Core tables, so that migrations never import the panel.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from qlmodels.tables import metadata

PANEL_SCHEMA = "qlmodels_admin"

_now = text("now()")

users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True, comment="Name to sign in with"),
    Column("role", String(10), nullable=False, comment="viewer, editor or admin"),
    Column("password_hash", Text, comment="Argon2 hash; null until a password is chosen"),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("signed_in_at", DateTime(timezone=True), comment="Last sign-in"),
    Column("issuer", Text, comment="OpenID provider that signs the user in; null for a local user"),
    Column("subject", Text, comment="The provider's identifier of the user"),
    CheckConstraint("role in ('viewer', 'editor', 'admin')", name="ck_users_role"),
    CheckConstraint(
        "(issuer is null) = (subject is null) and (issuer is null or password_hash is null)",
        name="ck_users_identity",
    ),
    UniqueConstraint("issuer", "subject", name="uq_users_issuer_subject"),
    schema=PANEL_SCHEMA,
    comment="Who may sign in to the panel.",
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the link's token"),
    Column(
        "user_name",
        String(100),
        ForeignKey("qlmodels_admin.users.name", name="fk_sign_in_links_user", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_sign_in_links_user_name", "user_name"),
    schema=PANEL_SCHEMA,
    comment="Links that sign a user in once.",
)

panel_sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's token"),
    Column(
        "user_name",
        String(100),
        ForeignKey("qlmodels_admin.users.name", name="fk_sessions_user", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="Renewed by use"),
    Column("confirmed_at", DateTime(timezone=True), comment="When its user last proved who it is"),
    Column("address", Text, comment="Address that signed in"),
    Column("browser", Text, comment="Browser that signed in, as it describes itself"),
    Index("ix_sessions_user_name", "user_name"),
    schema=PANEL_SCHEMA,
    comment="Signed-in browsers; signing out deletes the row.",
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("key", LargeBinary, primary_key=True, comment="SHA-256 of what the attempts share"),
    Column(
        "attempted_at",
        ARRAY(DateTime(timezone=True)),
        nullable=False,
        server_default=text("'{}'"),
        comment="Of those that count; a password that was right is taken out again",
    ),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="When none counts"),
    Index("ix_sign_in_attempts_expires_at", "expires_at"),
    schema=PANEL_SCHEMA,
    comment="Attempts to sign in, counted before a password is compared.",
)

watchers = Table(
    "watchers",
    metadata,
    Column("channel", Text, primary_key=True, comment="Whose name nobody else can guess"),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="Renewed by use"),
    schema=PANEL_SCHEMA,
    comment="Processes of the panel that listen for changes of instances.",
)

size_samples = Table(
    "size_samples",
    metadata,
    Column("table_name", Text, primary_key=True, comment="With its schema"),
    Column("sampled_at", DateTime(timezone=True), primary_key=True),
    Column("heap", BigInteger, nullable=False, comment="Bytes of the rows, TOAST included"),
    Column("indexes", BigInteger, nullable=False, comment="Bytes of all indexes"),
    Column("rows", BigInteger, comment="As last estimated; null if never analysed"),
    schema=PANEL_SCHEMA,
    comment="What tables take on disk, hour by hour.",
)

action_runs = Table(
    "action_runs",
    metadata,
    Column("run_id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("user_name", String(100), nullable=False),
    Column("table_name", Text, nullable=False, comment="Whose rows"),
    Column("action", Text, nullable=False, comment="Name of the view's action"),
    Column("filter", Text, nullable=False, comment="Query of the list whose rows they are"),
    Column("input", JSONB(none_as_null=True), nullable=False, comment="What the action asked for"),
    Column("total", BigInteger, nullable=False, comment="Rows, counted before it began"),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    Column("place", Text, comment="Key of the last row done, in order of the key"),
    Column("status", String(10), nullable=False, server_default=text("'asked'")),
    Column("message", Text, comment="Why it failed"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("user_role", Text, comment="Of a user who is not in users, when the run was requested"),
    CheckConstraint(
        "status in ('asked', 'running', 'finished', 'cancelled', 'failed')",
        name="ck_action_runs_status",
    ),
    Index("ix_action_runs_user_name", "user_name"),
    schema=PANEL_SCHEMA,
    comment="Actions over all rows of a list: what was asked for, and how far it is.",
)

background_jobs = Table(
    "background_jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("finished_at", DateTime(timezone=True), comment="Of the last run that succeeded"),
    Column("holder", Text, comment="Process that runs it, or ran it last: host:pid:token"),
    Column(
        "lease_expires_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("'-infinity'"),
        comment="Until then no other process runs it; renewed while it runs",
    ),
    schema=PANEL_SCHEMA,
    comment="What the panel's processes do beside requests, one of them at a time.",
)

alert_targets = Table(
    "alert_targets",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("format", Text, nullable=False, comment="webhook or slack"),
    Column("url", Text, nullable=False, comment="Secret: who knows it may post there"),
    Column("signing_secret", Text, comment="whsec_... of Standard Webhooks; null for slack"),
    Column("created_by", String(100), nullable=False, comment="User of the panel"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("format in ('webhook', 'slack')", name="ck_alert_targets_format"),
    CheckConstraint(
        "(format = 'webhook') = (signing_secret is not null)", name="ck_alert_targets_secret"
    ),
    schema=PANEL_SCHEMA,
    comment="Where the panel reports which agent types need attention.",
)

alert_states = Table(
    "alert_states",
    metadata,
    Column("agent_type", String(100), primary_key=True),
    Column("needs_attention", Boolean, nullable=False, comment="As last reported"),
    Column("is_changing", Boolean, nullable=False, comment="The last evaluation differed from it"),
    schema=PANEL_SCHEMA,
    comment="What was reported of each agent type.",
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("message_id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column(
        "target",
        String(100),
        ForeignKey(
            "qlmodels_admin.alert_targets.name", name="fk_alert_messages_target", ondelete="CASCADE"
        ),
        nullable=False,
    ),
    Column("changes", JSONB, nullable=False, comment="Of one evaluation"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", DateTime(timezone=True), server_default=_now),
    Column("sent_at", DateTime(timezone=True), comment="When the target accepted it"),
    Column("last_error", Text, comment="Why the last attempt failed"),
    Index("ix_alert_messages_target", "target", "created_at"),
    Index(
        "ix_alert_messages_next_attempt_at",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at is not null"),
    ),
    schema=PANEL_SCHEMA,
    comment="Messages to alert targets; without a next attempt they are sent or have failed.",
)
