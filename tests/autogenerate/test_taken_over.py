"""A database in the shape of a web framework's template, grown by plain Alembic, and taken over."""

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    String,
    Table,
    Uuid,
)

from tests.autogenerate.project import Project

pytestmark = pytest.mark.newest_first

GROWN = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "grown", None, None, None


def upgrade():
    op.create_table(
        "user",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hashed_password", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_user_email"), "user", ["email"], unique=True)
    op.create_table(
        "item",
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.alter_column("user", "email", type_=sa.String(length=255))
    op.alter_column("item", "title", type_=sa.String(length=255))
    for table in ("user", "item"):
        op.add_column(table, sa.Column("new_id", sa.Uuid(), nullable=False))
    op.add_column("item", sa.Column("new_owner_id", sa.Uuid()))
    op.drop_constraint("item_owner_id_fkey", "item")
    op.drop_column("item", "owner_id")
    op.alter_column("item", "new_owner_id", new_column_name="owner_id", nullable=False)
    for table in ("user", "item"):
        op.drop_column(table, "id")
        op.alter_column(table, "new_id", new_column_name="id")
        op.create_primary_key(f"{table}_pkey", table, ["id"])
    op.create_foreign_key(
        "item_owner_id_fkey", "item", "user", ["owner_id"], ["id"], ondelete="CASCADE"
    )
    op.add_column("item", sa.Column("created_at", sa.DateTime(timezone=True)))


def downgrade():
    op.drop_table("item")
    op.drop_table("user")
"""


def _models(*more: Column[bool | None]) -> MetaData:
    metadata = MetaData()
    Table(
        "user",
        metadata,
        Column("email", String(255), nullable=False, unique=True, index=True),
        Column("is_active", Boolean, nullable=False),
        *more,
        Column("is_superuser", Boolean, nullable=False),
        Column("full_name", String),
        Column("id", Uuid, primary_key=True),
        Column("hashed_password", String, nullable=False),
    )
    Table(
        "item",
        metadata,
        Column("title", String(255), nullable=False),
        Column("description", String),
        Column("id", Uuid, primary_key=True),
        Column("created_at", DateTime(timezone=True)),
        Column("owner_id", ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    )
    return metadata


@pytest.fixture
def grown(project: Project) -> Project:
    project.version_schema = "public"
    (project.folder / "versions" / "grown.py").write_text(GROWN)
    project.upgrade(_models())
    return project


def test_what_does_not_differ_gives_an_empty_revision(grown: Project) -> None:
    assert grown.differences(_models()) == []
    text = grown.revise(_models())
    assert "op.execute" not in text
    grown.upgrade(_models())
    assert grown.differences(_models()) == []


def test_what_differs_is_altered_and_no_table_is_made_again(grown: Project) -> None:
    verified = _models(Column("is_verified", Boolean))
    text = grown.migrate(verified)
    assert text.count("op.execute") == 2
    assert "add column is_verified boolean" in text
    grown.downgrade(verified)
    grown.upgrade(verified)
    assert grown.differences(verified) == []
