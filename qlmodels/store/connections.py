"""Where statements run: on a connection of the pool, or inside a transaction of the caller."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias, TypeVar

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError
from asyncpg.pool import PoolConnectionProxy

from qlmodels.store.kept import KeptConnections
from qlmodels.store.meter import Meter
from qlmodels.store.refusals import BROKEN, FAILURES, RETRIED, refusal, translated, unreachable

logger = logging.getLogger(__name__)

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"
Call: TypeAlias = Callable[[Connection], Awaitable[T]]

FIRST_DELAY = 0.02
LONGEST_DELAY = 2.0


class Connections(Protocol):
    async def run(self, call: Call[T], agent_type: str, operation: str, *, repeatable: bool) -> T:
        """Run `call`, which is one statement or one transaction.

        A `repeatable` one leaves the same behind when it is carried out twice. Raises errors of
        ours only.
        """
        ...


class Pooled:
    """On a connection of the pool; tried again where that is safe, until patience ends.

    Nothing was sent when no connection was to be had, and nothing stays of a transaction that
    lost a serialisation conflict or a deadlock: these are always tried again. After a broken
    connection only what is repeatable is.
    """

    def __init__(self, pool: asyncpg.Pool, patience: float, meter: Meter | None = None) -> None:
        self._kept = KeptConnections(pool, meter)
        self._patience = patience
        self._meter = meter

    async def run(self, call: Call[T], agent_type: str, operation: str, *, repeatable: bool) -> T:
        deadline = time.monotonic() + self._patience
        delay = FIRST_DELAY
        while True:
            connection: PoolConnectionProxy | None = None
            done = False
            try:
                connection = await self._kept.take()
                result = await call(connection)
                done = True
                return result
            except FAILURES as error:
                acquired = connection is not None
                if connection is not None and isinstance(error, InternalClientError):
                    connection.terminate()  # asyncpg has lost track of it
                again = _safe_again(error, acquired=acquired, repeatable=repeatable)
                if not again or time.monotonic() + delay > deadline:
                    raise self._explained(error, agent_type, acquired) from error
                self._tell(agent_type, operation, error)
            finally:
                if connection is not None and not (done and self._kept.keep(connection)):
                    await self._kept.release(connection)
            await asyncio.sleep(random.uniform(0, delay))  # noqa: S311  (jitter)
            delay = min(2 * delay, LONGEST_DELAY)

    def _tell(self, agent_type: str, operation: str, error: BaseException) -> None:
        """That it is tried again."""
        if self._meter is not None:
            self._meter.retried(agent_type, operation)
        details = {"agent_type": agent_type, "operation": operation}
        logger.info("tried again: %s", error, extra=details)

    def _explained(self, error: BaseException, agent_type: str, acquired: bool) -> Exception:
        if not acquired and isinstance(error, (*BROKEN, asyncpg.TooManyConnectionsError)):
            return unreachable(error)
        return refusal(error, agent_type)


class Inside:
    """Inside the caller's transaction, which alone decides what becomes of it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def run(
        self,
        call: Call[T],
        agent_type: str,
        operation: str,  # noqa: ARG002
        *,
        repeatable: bool,  # noqa: ARG002
    ) -> T:
        with translated(agent_type):
            return await call(self._connection)


def _safe_again(error: BaseException, *, acquired: bool, repeatable: bool) -> bool:
    if isinstance(error, RETRIED):
        return True
    if not acquired:
        return isinstance(error, (*BROKEN, asyncpg.TooManyConnectionsError))
    if isinstance(error, (InterfaceError, InternalClientError)) and _was_not_sent(error):
        return True
    return repeatable and isinstance(error, BROKEN)


def _was_not_sent(error: BaseException) -> bool:
    """The server had ended the connection before; asyncpg noticed in time."""
    return "connection is closed" in str(error) or "cannot switch to state" in str(error)
