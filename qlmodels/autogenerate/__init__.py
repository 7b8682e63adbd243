"""Alembic autogenerate that sees every object of a Postgres schema, in both directions.

The whole `env.py` of a project, with the objects declared beside its models
(`qlmodels.ddl.declare`):

    from qlmodels.autogenerate import run_environment

    run_environment(DATABASE_URL, target_metadata=SQLModel.metadata)

A project with engines of its own calls `run_migrations(connection, target_metadata=...)` and, for
`--sql`, `write_migrations(target_metadata=...)`; `context.configure(..., **options())` leaves
running them to Alembic.

A revision is made in these stages:

sides, scratch     the models' statements (`ddl.build`) run in a scratch database
reader, sql/*.sql  the catalogs of both databases are read as facts; the SQL of a revision stands
                   in these facts, so `sql/policy.sql` writes `create policy`
scope, filters     what belongs to others is left out
diff, renames      facts are compared
plan, writer/*     changes become statements, in an order that works
operations         statements become the text of the revision
prove              the revision runs up and down in scratch databases, and is compared again
"""

from qlmodels.autogenerate.environment import run_environment
from qlmodels.autogenerate.fleet import beside_qlmodels
from qlmodels.autogenerate.plugin import options
from qlmodels.autogenerate.prove import NotProved, prove_revision
from qlmodels.autogenerate.upgrade import LockNotAvailable, run_migrations, write_migrations

__all__ = [
    "LockNotAvailable",
    "NotProved",
    "beside_qlmodels",
    "options",
    "prove_revision",
    "run_environment",
    "run_migrations",
    "write_migrations",
]
