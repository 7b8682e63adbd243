"""The env.py files of docs/your-project.md, in projects as FastAPI and Flask have them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from tests.conftest import Database
from tests.support.markdown import blocks

PAGE = Path(__file__).parents[2] / "docs" / "your-project.md"
MAX_LINES = 10

pytestmark = pytest.mark.one_major

MODELS = """
import uuid

from sqlmodel import Field, Relationship, SQLModel


class User(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    email: str = Field(unique=True, index=True, max_length=255)
    is_active: bool = True
    is_superuser: bool = False
    full_name: str | None = Field(default=None, max_length=255)
    hashed_password: str
    items: list["Item"] = Relationship(back_populates="owner", cascade_delete=True)


class Item(SQLModel, table=True):
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    title: str = Field(min_length=1, max_length=255)
    description: str | None = Field(default=None, max_length=255)
    owner_id: uuid.UUID = Field(foreign_key="user.id", nullable=False, ondelete="CASCADE")
    owner: User | None = Relationship(back_populates="items")
"""

APPLICATION = """
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from app.settings import DATABASE_URL

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = DATABASE_URL
db = SQLAlchemy(app)
Migrate(app, db)


class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(80), nullable=False)
"""

GROWN = '''
"""As plain Alembic wrote and ran them, integers first and UUIDs put in their place."""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "grown", None


def upgrade():
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("full_name", sa.String(length=255), nullable=True),
        sa.Column("hashed_password", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_user_email"), "user", ["email"], unique=True)
    op.create_table(
        "item",
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.alter_column("user", "email", type_=sa.String(length=255))
    for table in ("user", "item"):
        value = sa.text("gen_random_uuid()")
        op.add_column(table, sa.Column("new_id", sa.UUID(), server_default=value))
    op.add_column("item", sa.Column("new_owner_id", sa.UUID(), nullable=True))
    op.drop_constraint("item_owner_id_fkey", "item")
    op.drop_column("item", "owner_id")
    op.alter_column("item", "new_owner_id", new_column_name="owner_id", nullable=False)
    for table in ("user", "item"):
        op.drop_column(table, "id")
        op.alter_column(table, "new_id", new_column_name="id", nullable=False, server_default=None)
        op.create_primary_key(f"{table}_pkey", table, ["id"])
    op.create_foreign_key(
        "item_owner_id_fkey", "item", "user", ["owner_id"], ["id"], ondelete="CASCADE"
    )


def downgrade():
    op.drop_table("item")
    op.drop_table("user")
'''

PLAIN = """
from alembic import context
from app.models import SQLModel
from app.settings import DATABASE_URL
from sqlalchemy import create_engine

target_metadata = SQLModel.metadata
with create_engine(DATABASE_URL).connect() as connection:
    {configure}
    with context.begin_transaction():
        context.run_migrations()
"""


class Project:
    """A folder with an application, driven as from a shell."""

    def __init__(self, folder: Path, url: URL, driver: str) -> None:
        self.folder = folder
        text = url.set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(folder),
            "HOME": str(folder),
            "DATABASE_URL": url.set(drivername="postgresql").render_as_string(hide_password=False),
        }
        self.write("app/__init__.py", "")
        self.write("app/settings.py", f"DATABASE_URL = {text!r}\n")
        self.write("app/models.py", MODELS)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def use(self, name: str) -> None:
        """Put an env.py of the page in its place."""
        text = environment_of(name)
        self.write("migrations/env.py", text)

    def revise(self) -> str:
        """Write a revision and return its text."""
        before = self._revisions()
        self.run("alembic", "revision", "--autogenerate", "-m", "next")
        (written,) = self._revisions() - before
        return written.read_text()

    def _revisions(self) -> set[Path]:
        return set((self.folder / "migrations" / "versions").glob("*.py"))


def environment_of(name: str) -> str:
    (text,) = [
        block.text
        for block in blocks(PAGE)
        if block.language == "python" and block.text.startswith(f"# migrations/env.py of {name}\n")
    ]
    return text


def execute(url: URL, statements: Iterable[str]) -> None:
    async def run() -> None:
        async with connect(url) as connection:
            for statement in statements:
                await connection.execute(statement)

    asyncio.run(run())


@pytest.mark.parametrize("name", ["FastAPI", "Flask", "one history"])
def test_an_env_py_is_short(name: str) -> None:
    assert len(environment_of(name).splitlines()) <= MAX_LINES


@pytest.mark.parametrize("driver", ["asyncpg", pytest.param("psycopg", marks=pytest.mark.long)])
def test_a_new_project(empty_database: Database, folder: Path, driver: str) -> None:
    project = Project(folder, empty_database.owner, driver)
    project.run("alembic", "init", "migrations")
    project.use("FastAPI")
    for block in blocks(PAGE):
        if block.language == "sh":
            for command in block.text.splitlines():
                project.run("bash", "-c", command)
    assert "create table" in project.run("alembic", "upgrade", "head", "--sql")
    project.run("alembic", "downgrade", "base")


@pytest.mark.parametrize("driver", ["psycopg", pytest.param("asyncpg", marks=pytest.mark.long)])
def test_a_database_that_plain_alembic_has_grown(
    empty_database: Database, folder: Path, driver: str
) -> None:
    project = Project(folder, empty_database.owner, "psycopg")
    project.run("alembic", "init", "migrations")
    project.write("migrations/versions/grown.py", GROWN)
    configure = "context.configure(connection=connection, target_metadata=target_metadata)"
    project.write("migrations/env.py", PLAIN.format(configure=configure))
    project.run("alembic", "upgrade", "head")
    execute(
        empty_database.owner,
        [
            'insert into "user" (email, is_active, is_superuser, hashed_password, id)'
            " values ('a@b', true, false, '', gen_random_uuid())",
        ],
    )
    project = Project(folder, empty_database.owner, driver)
    project.use("FastAPI")
    project.run("alembic", "check")
    assert "op.execute" not in project.revise()
    project.run("alembic", "upgrade", "head")


@pytest.mark.long
def test_a_project_with_flask_migrate(empty_database: Database, folder: Path) -> None:
    project = Project(folder, empty_database.owner, "psycopg")
    project.write("app/main.py", APPLICATION)
    flask = ("flask", "--app", "app.main", "db")
    project.run(*flask, "init")
    project.use("Flask")
    project.run(*flask, "migrate")
    project.run(*flask, "upgrade")
    project.run(*flask, "check")
    project.run(*flask, "downgrade")


def test_two_histories_leave_each_other_alone(empty_database: Database, folder: Path) -> None:
    project = Project(folder, empty_database.owner, "psycopg")
    project.run("alembic", "init", "migrations")
    project.use("FastAPI")
    project.revise()
    project.run("alembic", "upgrade", "head")
    migrate.upgrade(empty_database.owner)
    assert "table item" in (migrate.check(empty_database.owner) or "")

    said = project.run("alembic", "check")
    assert "No new upgrade operations detected" in said
    assert "op.execute" not in project.revise()
    project.run("alembic", "upgrade", "head")
    project.run("alembic", "-x", "undeclared=drop", "check")
    project.run("qlmodels", "check")
    project.run("qlmodels", "upgrade")

    project.run("alembic", "downgrade", "base")
    migrate.check(empty_database.owner)
    project.run("alembic", "upgrade", "head")
    migrate.downgrade(empty_database.owner, "base")
    project.run("alembic", "check")


@pytest.mark.long
def test_one_history_for_both(empty_database: Database, folder: Path) -> None:
    project = Project(folder, empty_database.owner, "asyncpg")
    project.run("alembic", "init", "migrations")
    project.use("one history")
    written = project.revise()
    assert "create table public.agent_types" in written
    assert 'create table public."user"' in written
    project.run("alembic", "upgrade", "head")
    project.run("alembic", "check")
    project.run("qlmodels", "stamp")
    project.run("qlmodels", "check")
    project.run("qlmodels", "status")


def test_plain_alembic_beside_ours(empty_database: Database, folder: Path) -> None:
    migrate.upgrade(empty_database.owner)
    project = Project(folder, empty_database.owner, "psycopg")
    project.run("alembic", "init", "migrations")
    template = project.folder / "migrations" / "script.py.mako"
    template.write_text(f"import sqlmodel\n{template.read_text()}")
    lines = environment_of("plain Alembic").splitlines(keepends=True)
    imported = "".join(line for line in lines if line.startswith("from qlmodels"))
    configure = "".join(lines[lines.index("context.configure(\n") :]).replace("\n", "\n    ")
    project.write("migrations/env.py", imported + PLAIN.format(configure=configure))
    assert "drop_table" not in project.revise().partition("def downgrade")[0]
    project.run("alembic", "upgrade", "head")
    project.run("alembic", "check")
    migrate.check(empty_database.owner)
