"""general

Revision: 0002
Revises: 0001
Created: 2026-12-01 01:47:44.222546
"""

from textwrap import dedent

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # +1 table

    op.execute(dedent("""
        create table qlmodels_admin.sign_in_attempts (
            key bytea not null,
            attempted_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
            expires_at timestamp with time zone not null,
            constraint sign_in_attempts_pkey PRIMARY KEY (key)
        )
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sign_in_attempts_expires_at ON qlmodels_admin.sign_in_attempts USING btree (expires_at)
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.sign_in_attempts
            to qlmodels_panel
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.sign_in_attempts.attempted_at is 'Of those that count; a password that was right is taken out again'
    """))

    op.execute("comment on column qlmodels_admin.sign_in_attempts.expires_at is 'When none counts'")

    op.execute(dedent("""
        comment on column qlmodels_admin.sign_in_attempts.key is 'SHA-256 of what the attempts share'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.sign_in_attempts is 'Attempts to sign in, counted before a password is compared.'
    """))


def downgrade() -> None:
    # -1 table

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.sign_in_attempts")
