"""Where statements run: on a connection of the pool, or inside a transaction of the caller."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from qlmodels.connection import SessionGuard
from qlmodels.logins import LOGIN_PREFIXES
from qlmodels.store.connection_cache import ConnectionCache, lives
from qlmodels.store.deadlines import Deadlines, deadline_of
from qlmodels.store.error_translation import (
    BROKEN_CONNECTION,
    DRIVER_ERRORS,
    RETRIED,
    cancelled,
    exhausted,
    login_of,
    on_another_loop,
    refusal,
    speaks_for_none,
    translated,
    unanswered,
    unreachable,
)
from qlmodels.store.metrics_protocol import Meter

logger = logging.getLogger(__name__)

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"
Call: TypeAlias = Callable[[Connection], Awaitable[T]]

READS = frozenset(
    {
        "actions",
        "best_action",
        "exploration",
        "is_known",
        "kind",
        "match_patterns",
        "priority_buckets",
        "replay",
        "search",
        "select_action",
    }
)
"""Operations that leave nothing behind, whether they were carried out or not."""

FIRST_RETRY_DELAY_S = 0.02
MAX_RETRY_DELAY_S = 2.0


class Connections(Protocol):
    async def run(self, call: Call[T], agent_type: str, operation: str, *, repeatable: bool) -> T:
        """Run `call`, which is one statement or one transaction.

        A `repeatable` one leaves the same behind when it is carried out twice. Raises errors of
        ours only.
        """
        ...


@dataclass(slots=True)
class _Sending:
    """What is known of an operation's attempts."""

    is_read: bool
    is_in_flight: bool = False
    may_be_done: bool = False

    def failed(self, error: BaseException) -> None:
        """The attempt was answered, or its connection broke."""
        self.may_be_done |= self.is_in_flight and _may_be_done(error)
        self.is_in_flight = False

    @property
    def is_doubtful(self) -> bool:
        """Whether it may have been written, of which no answer tells."""
        return not self.is_read and (self.may_be_done or self.is_in_flight)


class Pooled:
    """On a connection of the pool; tried again where that is safe, until patience ends.

    Nothing was sent when no connection was to be had, and nothing stays of a transaction that
    lost a serialisation conflict or a deadlock: these are always tried again. After a broken
    connection only what is repeatable is. A connection that has not answered when patience ends
    is terminated, and one whose call is cancelled is given up without waiting for the server.
    """

    def __init__(
        self, pool: asyncpg.Pool, time_limit: float, meter: Meter | None = None, *, retries: bool
    ) -> None:
        self._deadlines = Deadlines()
        self._loop: asyncio.AbstractEventLoop | None = getattr(pool, "_loop", None)
        self._is_login_known = False
        self._kept = ConnectionCache(pool, self._deadlines, meter)
        self._time_limit = time_limit
        self._retries = retries
        self._meter = meter

    async def run(self, call: Call[T], agent_type: str, operation: str, *, repeatable: bool) -> T:
        sending = _Sending(is_read=operation in READS)
        try:
            return await self._attempts(call, agent_type, operation, repeatable, sending)
        except asyncio.CancelledError as error:
            if sending.is_doubtful:
                error.__cause__ = cancelled(operation)
            raise

    async def _attempts(
        self,
        call: Call[T],
        agent_type: str,
        operation: str,
        repeatable: bool,
        sending: "_Sending",
    ) -> T:
        loop = asyncio.get_running_loop()
        if self._loop is not None and loop is not self._loop:
            raise on_another_loop("pool")
        deadline = deadline_of(self._time_limit)
        if deadline <= loop.time():
            raise unreachable(self._no_answer())
        delay = FIRST_RETRY_DELAY_S
        while True:
            connection: PoolConnectionProxy | None = None
            try:
                connection = await self._kept.take(deadline)
                if not self._is_login_known:
                    self._know_login(connection, agent_type)
                self._deadlines.begin(connection, deadline, connection.terminate)
                try:
                    sending.is_in_flight = True
                    result = await _called(call, connection)
                finally:
                    self._deadlines.done(connection)
            except DRIVER_ERRORS as error:
                acquired = connection is not None
                sending.failed(error)
                if connection is not None:
                    if isinstance(error, InternalClientError):
                        connection.terminate()  # asyncpg has lost track of it
                    await self._kept.release(connection, deadline)
                again = _safe_again(error, acquired=acquired, repeatable=repeatable)
                last = loop.time() + delay > deadline or not self._retries
                if last or not again:
                    late = loop.time() >= deadline
                    raise self._explained(error, agent_type, acquired, sending, late) from error
                self._tell(agent_type, operation, error)
            except BaseException:
                if connection is not None:
                    self._kept.abandon(connection)
                raise
            else:
                # until it is given back, who is cancelled is told that it may have been written
                if not self._kept.keep(connection):
                    await self._kept.release(connection, deadline)
                sending.is_in_flight = False
                return result
            await asyncio.sleep(random.uniform(0, delay))  # noqa: S311  (jitter)
            delay = min(2 * delay, MAX_RETRY_DELAY_S)

    def _know_login(self, connection: PoolConnectionProxy, agent_type: str) -> None:
        """Outside a transaction of the caller an orchestrator speaks for no agent type."""
        login = login_of(connection)
        if login.startswith(LOGIN_PREFIXES["fleet"]):
            raise speaks_for_none(login, agent_type)
        self._is_login_known = True

    def _tell(self, agent_type: str, operation: str, error: BaseException) -> None:
        """That it is tried again."""
        if self._meter is not None:
            self._meter.retried(agent_type, operation)
        details = {"agent_type": agent_type, "operation": operation}
        logger.info("tried again: %s", error, extra=details)

    def _explained(
        self,
        error: BaseException,
        agent_type: str,
        acquired: bool,
        sending: "_Sending",
        late: bool,
    ) -> Exception:
        if not isinstance(error, (*BROKEN_CONNECTION, asyncpg.TooManyConnectionsError)):
            return refusal(error, agent_type)
        if late and not acquired and not sending.is_doubtful and self._kept.is_exhausted():
            return exhausted(self._kept.most, self._time_limit)
        if late:
            error = self._no_answer()
        if sending.is_doubtful:
            return refusal(error, agent_type)
        return unanswered(error) if acquired else unreachable(error)

    def _no_answer(self) -> TimeoutError:
        return TimeoutError(f"no answer within {self._time_limit:g} seconds")


class Inside:
    """Inside the caller's transaction, which alone decides what becomes of it.

    When patience ends, or the call is cancelled, its connection is terminated: a rollback would
    wait for the server.
    """

    def __init__(self, held: SessionGuard, time_limit: float) -> None:
        self._held = held
        self._time_limit = time_limit
        self._is_autocommit = False

    async def run(
        self,
        call: Call[T],
        agent_type: str,
        operation: str,
        *,
        repeatable: bool,  # noqa: ARG002
    ) -> T:
        try:
            with translated(agent_type):
                called = _called(call, self._held.driver)
                return await self._held.within(called, self._seconds_left())
        except asyncio.CancelledError as error:
            if self._is_autocommit and operation not in READS:
                error.__cause__ = cancelled(operation)
            raise

    async def enter(self, beginning: Coroutine[Any, Any, bool]) -> None:
        """Flush the session and begin its transaction, if it is not one of autocommit.

        `beginning` does so, and says whether it is. Raises DatabaseUnreachable.
        """
        try:
            self._is_autocommit = await self._held.through_session(beginning, self._seconds_left())
        except (DBAPIError, AttributeError, *DRIVER_ERRORS) as error:
            if not self._held.is_closed:
                raise
            raise unanswered(getattr(error, "orig", None) or error) from error

    def _seconds_left(self) -> float:
        return deadline_of(self._time_limit) - asyncio.get_running_loop().time()


async def _called(call: Call[T], connection: Connection) -> T:
    """Return what `call` gives. Raises asyncpg's errors.

    Between two steps of a call asyncpg meets a terminated connection with an AttributeError.
    """
    try:
        return await call(connection)
    except AttributeError as error:
        if lives(connection):
            raise
        raise asyncpg.ConnectionDoesNotExistError("the connection was terminated") from error


def _safe_again(error: BaseException, *, acquired: bool, repeatable: bool) -> bool:
    if isinstance(error, RETRIED):
        return True
    if not acquired:
        return isinstance(error, (*BROKEN_CONNECTION, asyncpg.TooManyConnectionsError))
    if isinstance(error, (InterfaceError, InternalClientError)) and _was_not_sent(error):
        return True
    return repeatable and isinstance(error, BROKEN_CONNECTION)


def _may_be_done(error: BaseException) -> bool:
    return isinstance(error, BROKEN_CONNECTION) and not _was_not_sent(error)


def _was_not_sent(error: BaseException) -> bool:
    """The server had ended the connection before; asyncpg noticed in time."""
    return "connection is closed" in str(error) or "cannot switch to state" in str(error)


def begin_transaction(session: Session) -> bool:
    """Put the driver's connection inside the transaction of `session`, unless it autocommits."""
    session.flush()
    connection = session.connection()
    if cast(Any, connection.connection.dbapi_connection).autocommit:
        return True
    connection.exec_driver_sql("set local row_security = on")
    return False
