"""A whole env.py in one call."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from alembic import context
from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qlmodels import connection
from qlmodels.autogenerate.failures import in_words
from qlmodels.autogenerate.upgrade import run_migrations, write_migrations


def run_environment(url: URL | str, /, **configuration: Any) -> None:
    """Do what Alembic's command asks for, in the database at `url` or as a script.

    The URL names a driver, synchronous or not; `postgresql://` alone is for asyncpg.
    `configuration` is that of `run_migrations`.

    >>> run_environment(settings.database_url, target_metadata=SQLModel.metadata)
    """
    if context.is_offline_mode():
        with in_words():
            write_migrations(**configuration)
        return
    with in_words():
        parsed = make_url(url)
        if "+" not in parsed.drivername:
            engine = connection.create_engine(_text(parsed), pooler="none", poolclass=NullPool)
            _run(engine, configuration)
        elif parsed.get_dialect().is_async:
            _run(create_async_engine(parsed, poolclass=NullPool), configuration)
        else:
            with create_engine(parsed, poolclass=NullPool).connect() as login:
                run_migrations(login, **configuration)


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _run(engine: AsyncEngine, configuration: dict[str, Any]) -> None:
    """On an event loop of its own, also where Alembic is called from one that runs."""

    async def migrate() -> None:
        try:
            async with engine.connect() as login:
                await login.run_sync(run_migrations, **configuration)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, migrate()).result()
