"""An environment as a user of the library writes it."""

import asyncio

from alembic import context
from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from qlmodels.autogenerate import run_migrations
from tests.autogenerate.battery.workshop import metadata


async def run() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run_migrations, target_metadata=metadata, column_order=True)
    await engine.dispose()


asyncio.run(run())
