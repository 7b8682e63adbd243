"""The panel's tables: users, sessions, links, attempts, actions, watchers, sizes, background jobs.

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
    LargeBinary,
    String,
    Table,
    Text,
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
    CheckConstraint("role in ('viewer', 'editor', 'admin')", name="ck_users_role"),
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
