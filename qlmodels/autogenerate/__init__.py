"""Alembic autogenerate that sees every object of a Postgres schema, in both directions.

In an `env.py` of your own, with the objects declared beside your models (`qlmodels.ddl.declare`):

    from qlmodels.autogenerate import run_migrations

    run_migrations(connection, target_metadata=SQLModel.metadata)

or, to keep your own way of running them, `context.configure(..., **options())`.
"""

from qlmodels.autogenerate.plugin import options
from qlmodels.autogenerate.prove import NotProved, prove_revision
from qlmodels.autogenerate.upgrade import LockNotAvailable, run_migrations, write_migrations

__all__ = [
    "LockNotAvailable",
    "NotProved",
    "options",
    "prove_revision",
    "run_migrations",
    "write_migrations",
]
