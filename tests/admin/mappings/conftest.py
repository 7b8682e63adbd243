"""A panel of a project's own tables, in a database of their own."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from sqlalchemy import Table
from starlette.applications import Starlette

from qlmodels.connection import connect, create_engine
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import add_user
from tests.admin.conftest import ORIGIN, PASSWORD
from tests.admin.mappings import models
from tests.admin.mappings.views import VIEWS
from tests.conftest import Database, fresh_database


def tables_of(metadata: Any) -> list[Table]:
    return [table for table in metadata.sorted_tables if not table.info.get("is_view")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strangers(cluster: Any) -> AsyncIterator[Database]:
    """A database with the tables of these models and some rows."""
    async with fresh_database(cluster, "template qlmodels") as database:
        engine = create_engine(database.owner)
        async with connect(database.owner) as owner:
            await owner.execute(f"create schema {models.OTHER_SCHEMA}")
        async with engine.begin() as connection:
            await connection.run_sync(
                models.Base.metadata.create_all, tables=tables_of(models.Base.metadata)
            )
        await engine.dispose()
        async with connect(database.owner) as owner:
            await owner.execute(models.LOUD_PEOPLE)
            await owner.execute(models.ROWS)
            for schema in ("public", models.OTHER_SCHEMA):
                await owner.execute(
                    f"grant usage on schema {schema} to qlmodels_panel;"
                    f"grant all on all tables in schema {schema} to qlmodels_panel;"
                    f"grant usage on all sequences in schema {schema} to qlmodels_panel"
                )
            await add_user(owner, "admin", "admin", hash_password(PASSWORD))
        yield database


async def client_of(app: Starlette, role: str = "admin") -> httpx.AsyncClient:
    async with app.state.engine.begin() as connection:
        token = await sessions.begin(connection, role)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        cookies={SESSION_COOKIE: token},
        headers=ORIGIN,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(strangers: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An admin of the panel that has all of these views."""
    app = create_app(strangers.url("qlpanel_test"), background=False, views=VIEWS)
    async with await client_of(app) as client:
        yield client
    await close_app(app)
