"""Schemas, tables and extensions that the models use and do not declare."""

from tests.autogenerate.strangers.case import Case

EXT_DEFAULT_SCHEMA_1 = """\
declare(metadata, Extension("citext"))
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(CITEXT, unique=True)
"""

EXT_UNDECLARED_1 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(CITEXT, unique=True)
"""

PGVECTOR_1 = """\
from pgvector.sqlalchemy import Vector, HALFVEC
declare(metadata, Extension("vector", schema="public"))
class D(Base):
    __tablename__ = "d"
    id: Mapped[int] = mapped_column(primary_key=True)
    emb = mapped_column(Vector(3))
    __table_args__ = (
        Index(
            "d_emb",
            emb,
            postgresql_using="hnsw",
            postgresql_with={"m": 16, "ef_construction": 64},
            postgresql_ops={"emb": "vector_cosine_ops"},
        ),
        Index("d_half", text("(emb::halfvec(3)) halfvec_cosine_ops"), postgresql_using="hnsw"),
    )
"""

PGVECTOR_2 = """\
from pgvector.sqlalchemy import Vector, HALFVEC
declare(metadata, Extension("vector", schema="public"))
class D(Base):
    __tablename__ = "d"
    id: Mapped[int] = mapped_column(primary_key=True)
    emb = mapped_column(HALFVEC(3), nullable=False)
    __table_args__ = (
        Index(
            "d_emb",
            emb,
            postgresql_using="hnsw",
            postgresql_with={"m": 32, "ef_construction": 64},
            postgresql_ops={"emb": "halfvec_l2_ops"},
        ),
    )
"""

SCHEMA_UNDECLARED_THERE_1 = """\
class T(Base):
    __tablename__ = "t"
    __table_args__ = {"schema": "core"}
    id: Mapped[int] = mapped_column(primary_key=True)
"""

SUPABASE_AUTH_FK_1 = """\
Table("users", metadata, Column("id", pg.UUID, primary_key=True), schema="auth")
class P(Base):
    __tablename__ = "profiles"
    id = mapped_column(
        pg.UUID, ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True
    )
    name = mapped_column(Text)
"""

SUPABASE_AUTH_FK_2 = """\
Table("users", metadata, Column("id", pg.UUID, primary_key=True), schema="auth")
class P(Base):
    __tablename__ = "profiles"
    id = mapped_column(
        pg.UUID, ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True
    )
    name = mapped_column(Text)
    k = mapped_column(Integer)
"""

SUPABASE_AUTH_FK2_1 = """\
declare(metadata, Schema("auth"))
Table("users", metadata, Column("id", pg.UUID, primary_key=True), schema="auth")
class P(Base):
    __tablename__ = "profiles"
    id = mapped_column(
        pg.UUID, ForeignKey("auth.users.id", ondelete="CASCADE"), primary_key=True
    )
    name = mapped_column(Text)
"""

CASES = (
    # an extension declared without a schema, for a type of SQLAlchemy's
    Case(
        "ext_default_schema",
        (EXT_DEFAULT_SCHEMA_1,),
    ),
    # CITEXT used, extension in the database already, nothing declared (as with plain Alembic)
    Case(
        "ext_undeclared",
        (EXT_UNDECLARED_1,),
        by_owner=("create extension citext",),
    ),
    Case(
        "pgvector",
        (
            PGVECTOR_1,
            PGVECTOR_2,
        ),
        by_superuser=("create extension vector",),
        meanwhile={
            1: "insert into d(emb) values ('[1,2,3]')",
        },
        only_on=18,
        missing='extension "vector" is not available',
    ),
    # a schema that exists in the database and is not declared
    Case(
        "schema_undeclared_there",
        (SCHEMA_UNDECLARED_THERE_1,),
        by_owner=("create schema core",),
    ),
    # a foreign key to a platform's table, for which the models hold a stub
    Case(
        "supabase_auth_fk",
        (
            SUPABASE_AUTH_FK_1,
            SUPABASE_AUTH_FK_2,
        ),
        by_owner=("create schema auth; create table auth.users (id uuid primary key, email text)",),
        quick=True,
    ),
    # the same with the platform's schema declared
    Case(
        "supabase_auth_fk2",
        (SUPABASE_AUTH_FK2_1,),
        by_owner=("create schema auth; create table auth.users (id uuid primary key, email text)",),
    ),
)
