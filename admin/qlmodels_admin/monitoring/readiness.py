"""Whether the panel can serve requests: asked by `/readyz`, answered within a limit of time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels import migrate
from qlmodels.errors import QLModelsError
from qlmodels.old_schema import LACKING
from qlmodels_admin.db import sqlstate

CHECK_TIMEOUT_S: Final = 5.0
"""Seconds."""

AWAY: Final = "The database does not answer."
BUSY: Final = "All connections to the database are in use."

ReadinessCheck = Callable[[AsyncEngine], Awaitable[None]]
"""Returns if all is well, and raises QLModelsError if not."""

logger = logging.getLogger(__name__)


class Readiness:
    """Asks each check, one round at a time: who asks meanwhile gets the answer of that round."""

    def __init__(self, engine: AsyncEngine, checks: Sequence[ReadinessCheck] = ()) -> None:
        self._engine = engine
        self._checks = (is_at_head, *checks)
        self._round: asyncio.Task[str | None] | None = None

    async def problem(self) -> str | None:
        """Why requests cannot be served now, or None."""
        if self._round is None or self._round.done():
            self._round = asyncio.create_task(self._ask())
        current = self._round
        done, _ = await asyncio.wait([current], timeout=CHECK_TIMEOUT_S)
        if not done:  # a connection to a silent server may take longer to give up
            current.cancel()
            return AWAY
        return AWAY if current.cancelled() else current.result()

    async def _ask(self) -> str | None:
        for check in self._checks:
            try:
                await check(self._engine)
            except QLModelsError as error:
                return str(error)
            except PoolTimeout:
                return BUSY
            except (OSError, DBAPIError):
                return AWAY
            except Exception:  # of the application's own check: a failure is an answer, too
                name = getattr(check, "__name__", type(check).__name__)
                logger.exception("The readiness check %s failed.", name)
                return f"The check {name} failed. The panel's log has the details."
        return None


async def is_at_head(engine: AsyncEngine) -> None:
    """Check the schema's revision. Raises WrongRevision."""
    async with engine.connect() as connection:
        try:
            revision = await connection.scalar(text("select qlmodels.schema_revision()"))
        except DBAPIError as error:
            if sqlstate(error) not in LACKING:
                raise
            revision = None
    migrate.check_revision(engine.url, revision)
