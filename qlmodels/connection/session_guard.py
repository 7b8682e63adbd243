"""A session's connection that can be given up without waiting for its server."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, Self, TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

T = TypeVar("T")


class SessionGuard:
    """The connection of a session; a rollback on it would wait for a server that is silent."""

    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self._connection = connection
        self.driver = driver

    @classmethod
    async def by(cls, session: AsyncSession) -> Self:
        connection = await session.connection()
        return cls(connection, (await connection.get_raw_connection()).driver_connection)

    async def within(self, call: Awaitable[T], seconds: float) -> T:
        """What a call of the driver gives; else, as when cancelled, the connection is given up."""
        end = asyncio.get_running_loop().call_later(seconds, self._terminate)
        try:
            return self._unless_closed(await call)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) or self.is_closed:
                await self.give_up()
            raise
        finally:
            end.cancel()

    async def through_session(self, call: Coroutine[Any, Any, T], seconds: float) -> T:
        """`within`, for a call through SQLAlchemy.

        SQLAlchemy closes the connection of a cancelled statement, and waits for the server two
        seconds. So the call runs in a task of its own, and ends when the connection does.
        """
        task = asyncio.ensure_future(call)
        end = asyncio.get_running_loop().call_later(seconds, self._terminate)
        try:
            return self._unless_closed(await asyncio.shield(task))
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                self._terminate()
                await asyncio.gather(task, return_exceptions=True)
            if self.is_closed:
                await self.give_up()
            raise
        finally:
            end.cancel()

    async def give_up(self) -> None:
        """The server rolls back by itself, and the session has nothing left to roll back."""
        self._terminate()
        if not self._connection.closed:
            await self._connection.invalidate()

    @property
    def is_closed(self) -> bool:
        return isinstance(self.driver, asyncpg.Connection) and self.driver.is_closed()

    def _unless_closed(self, result: T) -> T:
        """Return the result; its transaction is lost where the time was over just then."""
        if self.is_closed:
            raise asyncpg.ConnectionDoesNotExistError("the connection was terminated")
        return result

    def _terminate(self) -> None:
        if isinstance(self.driver, asyncpg.Connection):
            self.driver.terminate()
