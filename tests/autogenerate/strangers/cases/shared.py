"""What other logins and other projects have a hand in: types that swap, publications, tenants."""

from tests.autogenerate.strangers.case import Case

SWAPPED_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    x = mapped_column(Enum("p", "q", name="one"))
    y = mapped_column(Enum("r", "s", name="two"))
"""

SWAPPED_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    x = mapped_column(Enum("p", "q", name="two"))
    y = mapped_column(Enum("r", "s", name="one"))
"""

CHECKED = """\
declare(
    metadata,
    Function(
        "is_ok",
        "create function is_ok(t text) returns bool language sql immutable as $$ select t <> '{}' $$",
    ),
    Domain("mood_text", "text", "is_ok(value)"),
)
class MoodText(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **_): return "mood_text"
mood = ENUM("sad", "ok", name="mood", metadata=metadata)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    m = mapped_column(DOMAIN("good_mood", mood, check="value <> 'sad'"))
    t = mapped_column(MoodText)
"""

PUBLISHED_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
declare(
    metadata,
    Schema("s"),
    Publication("every", all_tables=True),
    Publication("shown", schemas=("s",)),
)
Table("x", metadata, Column("id", Integer, primary_key=True), schema="s")
"""

PUBLISHED_2 = PUBLISHED_1.replace('"id", Integer', '"id", BigInteger')

TENANT_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(Enum("a", "b", name="en"))
class C(Base):
    __tablename__ = "c"
    id: Mapped[int] = mapped_column(primary_key=True)
    t_id = mapped_column(ForeignKey("t.id"))
"""

TENANT_2 = TENANT_1.replace('"b", name="en")', '"b", "c", name="en"), server_default="c"')

TENANT_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import NullPool, create_engine

import models
from qlmodels.autogenerate import run_migrations

engine = create_engine(
    "URL".replace("asyncpg", "psycopg"),
    poolclass=NullPool,
    execution_options={"schema_translate_map": {None: "tenant"}},
)
with engine.connect() as connection:
    run_migrations(connection, target_metadata=models.metadata)
"""

CASES = (
    # two enums whose names are swapped
    Case(
        "enums_swapped",
        (SWAPPED_1, SWAPPED_2),
        meanwhile={1: "insert into a (x, y) values ('p', 'r'), ('q', 's')"},
        must={2: ["rename to"]},
    ),
    # a domain whose check calls a declared function, and a domain over an enum
    Case("domain_calls", (CHECKED.format(""), CHECKED.format("x"))),
    # publications that only a superuser can make, as an administrator made them
    Case(
        "published_by_superuser",
        (PUBLISHED_1, PUBLISHED_2),
        by_superuser=(
            "create schema s authorization app",
            "create publication every for all tables",
            "create publication shown for tables in schema s",
        ),
    ),
    # a schema for a tenant by schema_translate_map, which Alembic's own table follows
    Case(
        "env_schema_translated",
        (TENANT_1, TENANT_2),
        by_owner=("create schema tenant",),
        environment=TENANT_ENVIRONMENT,
        answers={"select schemaname from pg_tables where tablename = 't'": "tenant"},
        offline=False,
    ),
)
