"""Alembic's environment: which database it is, and what its schema should be."""

import asyncio
from functools import partial
from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import URL, Connection

from qlmodels.autogenerate import drift, run_migrations, write_migrations
from qlmodels.connection import engine_at
from qlmodels.ddl import metadata
from qlmodels.errors import QLModelsError
from qlmodels.owner import owner_database

SETTINGS = {
    "target_metadata": metadata,
    "version_table_schema": "qlmodels_private",
    "column_order": True,
    "default_schema": "public",
    "may_be_restored": True,
}

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def run(connection: Connection) -> None:
    """What the models declare is built before the first lock is taken, for that takes seconds."""
    within = context.config.attributes.get("connection") is not None
    beside = None if within else drift.foreseen(connection, context.get_head_revision())
    remember = partial(drift.remember, beside=beside)
    run_migrations(connection, on_version_apply=remember, **SETTINGS)


async def run_online(url: URL) -> None:
    async with engine_at(url, pooler="none") as engine, engine.connect() as connection:
        await connection.run_sync(run)


try:
    if context.is_offline_mode():
        write_migrations(**SETTINGS)
    elif (connection := context.config.attributes.get("connection")) is not None:
        run(connection)
    elif (url := context.config.attributes.get("url")) is not None:
        asyncio.run(run_online(url))
    else:
        with owner_database() as url:
            asyncio.run(run_online(url))
except QLModelsError as error:  # Alembic prints its own errors as one sentence
    raise CommandError(str(error)) from error
