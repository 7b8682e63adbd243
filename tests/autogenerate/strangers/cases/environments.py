"""Environments of other projects: their engines, transactions, search_path, options."""

from tests.autogenerate.strangers.case import Case

ENV_CREATOR_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_CREATOR_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_CREATOR_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import make_url
from qlmodels.autogenerate import run_migrations, write_migrations
import models, psycopg
u = make_url("URL")
def conn():
    return psycopg.connect(host=u.host, port=u.port, user=u.username, password=u.password, dbname=u.database)
if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    with create_engine(
        "postgresql+psycopg://", creator=conn, poolclass=pool.NullPool
    ).connect() as connection:
        run_migrations(connection, target_metadata=models.metadata)
"""

ENV_INCLUDE_OBJECT_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_INCLUDE_OBJECT_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_INCLUDE_OBJECT_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool, text, MetaData, Table, Column, Integer
from qlmodels.autogenerate import run_migrations, write_migrations
import models
Table("legacy", models.metadata, Column("id", Integer, primary_key=True))
def include_object(o, name, type_, reflected, compare_to):
    return name != "legacy"
if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    with create_engine(
        "URL".replace("asyncpg", "psycopg"), poolclass=pool.NullPool
    ).connect() as connection:
        run_migrations(
            connection, target_metadata=models.metadata, include_object=include_object
        )
"""

ENV_LIST_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_LIST_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_LIST_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool, text, MetaData, Table, Column, Integer
from qlmodels.autogenerate import run_migrations, write_migrations
import models
m2 = MetaData()
Table("second", m2, Column("id", Integer, primary_key=True))
if context.is_offline_mode():
    write_migrations(target_metadata=[models.metadata, m2])
else:
    with create_engine(
        "URL".replace("asyncpg", "psycopg"), poolclass=pool.NullPool
    ).connect() as connection:
        run_migrations(connection, target_metadata=[models.metadata, m2])
"""

ENV_SEARCH_PATH_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_SEARCH_PATH_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_SEARCH_PATH_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool, text
from qlmodels.autogenerate import run_migrations, write_migrations
import models
if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    with create_engine(
        "URL".replace("asyncpg", "psycopg"), poolclass=pool.NullPool
    ).connect() as connection:
        connection.execute(text("set search_path to tenant1"))
        connection.commit()
        connection.dialect.default_schema_name = "tenant1"
        run_migrations(connection, target_metadata=models.metadata)
"""

ENV_SEARCH_PATH_OPT_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_SEARCH_PATH_OPT_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_SEARCH_PATH_OPT_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool, text
from qlmodels.autogenerate import run_migrations, write_migrations
import models
if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    with create_engine(
        "URL".replace("asyncpg", "psycopg"),
        connect_args={"options": "-csearch_path=tenant1"},
        poolclass=pool.NullPool,
    ).connect() as connection:
        run_migrations(connection, target_metadata=models.metadata)
"""

ENV_TX_BEGUN_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ENV_TX_BEGUN_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

ENV_TX_BEGUN_ENVIRONMENT = """\
from alembic import context
from sqlalchemy import create_engine, pool, text
from qlmodels.autogenerate import run_migrations, write_migrations
import models
if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    with create_engine(
        "URL".replace("asyncpg", "psycopg"), poolclass=pool.NullPool
    ).connect() as connection:
        connection.execute(text("select 1"))
        run_migrations(connection, target_metadata=models.metadata)
"""

CASES = (
    # an engine made with creator=, so that its URL says nothing
    Case(
        "env_creator",
        (
            ENV_CREATOR_1,
            ENV_CREATOR_2,
        ),
        environment=ENV_CREATOR_ENVIRONMENT,
    ),
    # include_object keeps a table (declared, but unmanaged) out
    Case(
        "env_include_object",
        (
            ENV_INCLUDE_OBJECT_1,
            ENV_INCLUDE_OBJECT_2,
        ),
        environment=ENV_INCLUDE_OBJECT_ENVIRONMENT,
        answers={
            "select count(*) from pg_tables where tablename='legacy'": "0",
        },
        quick=True,
    ),
    # a list of MetaData
    Case(
        "env_list",
        (
            ENV_LIST_1,
            ENV_LIST_2,
        ),
        environment=ENV_LIST_ENVIRONMENT,
    ),
    # a schema for each tenant: SET search_path, commit, then configure
    Case(
        "env_search_path",
        (
            ENV_SEARCH_PATH_1,
            ENV_SEARCH_PATH_2,
        ),
        by_owner=("create schema tenant1",),
        environment=ENV_SEARCH_PATH_ENVIRONMENT,
    ),
    # search_path by connection options
    Case(
        "env_search_path_opt",
        (
            ENV_SEARCH_PATH_OPT_1,
            ENV_SEARCH_PATH_OPT_2,
        ),
        by_owner=("create schema tenant1",),
        environment=ENV_SEARCH_PATH_OPT_ENVIRONMENT,
    ),
    # a statement ran on the connection before (CREATE EXTENSION / SELECT 1): autobegin
    Case(
        "env_tx_begun",
        (
            ENV_TX_BEGUN_1,
            ENV_TX_BEGUN_2,
        ),
        environment=ENV_TX_BEGUN_ENVIRONMENT,
    ),
)
