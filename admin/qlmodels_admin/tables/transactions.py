"""Transactions of a table's pages: to read, or for a user whom the audit log names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels_admin.db import write_transaction
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView, panel_of


class Transactions(KeyedModelView):
    """A view that reads and writes over the connections of its panel."""

    @property
    def engine(self) -> AsyncEngine:
        engine: AsyncEngine = panel_of(self).engine
        return engine

    @property
    def exports(self) -> Any:
        """The connections and files of exports."""
        return panel_of(self).exports

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        async with read_transaction(self.engine) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self, request: Request, note: str = "") -> AsyncIterator[AsyncConnection]:
        """A transaction that tells the audit log which user of the panel it is for, and why."""
        async with self.writing_for(request.state.panel_user.name, note) as connection:
            yield connection

    @asynccontextmanager
    async def writing_for(self, user: str, note: str) -> AsyncIterator[AsyncConnection]:
        """As `writing`, after the request that began it."""
        async with write_transaction(self.engine, user, note) as connection:
            yield connection
