"""Who a transaction speaks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels.connection import CONNECT_TIMEOUT_S, SessionGuard
from qlmodels.errors import DatabaseUnreachable, NotAllowed, QLModelsError, UnknownAgentType
from qlmodels.old_schema import is_lacking, lacking, words_of

_ACT_AS = text("select qlmodels.act_as(:agent_type)")
_PRELUDE = text(
    # a pooled connection may come with row_security off; the panel looks through an agent's
    # eyes in the orchestrators' role
    "select set_config('row_security', 'on', true),"
    " case when pg_has_role(session_user, 'qlmodels_panel', 'usage')"
    " then set_config('role', 'qlmodels_fleet', true) end"
)

_ERRORS: Final[dict[str, type[QLModelsError]]] = {
    "42501": NotAllowed,
    "P0002": UnknownAgentType,
    "55000": UnknownAgentType,
}


@asynccontextmanager
async def acting_as(
    target: AsyncEngine | AsyncSession, agent_type: str
) -> AsyncIterator[AsyncSession]:
    """A transaction that sees and writes the rows of `agent_type`, and no others.

    Given an engine, opens a session and commits at the end; given a session, begins a
    transaction in it. Nothing outlives the transaction, so a pooler may stand between.

    By the panel's login it is the view as that agent. A login that sees every row, as the
    owner's does, is refused: it could not be held to one agent type.

    Raises UnknownAgentType for one that does not exist or is inactive, NotAllowed where the
    login may not speak for it, WrongRevision where the database lacks what this release declares.
    """
    if isinstance(target, AsyncEngine):
        async with (
            AsyncSession(target, expire_on_commit=False) as session,
            acting_as(session, agent_type),
        ):
            yield session
        return
    async with target.begin():
        guard = await SessionGuard.by(target)
        try:
            await _begin(guard, target, agent_type)
            yield target
        except asyncio.CancelledError:
            await guard.give_up()
            raise
        except DBAPIError as error:
            if is_lacking(error):
                raise lacking(words_of(error)) from error
            raise


async def _begin(guard: SessionGuard, session: AsyncSession, agent_type: str) -> None:
    try:
        await guard.through_session(_choose(session, agent_type), CONNECT_TIMEOUT_S)
    except DBAPIError as error:
        if not guard.is_closed:
            raise
        raise DatabaseUnreachable(
            f"The database broke the connection, or did not answer within {CONNECT_TIMEOUT_S:.0f} "
            "seconds, and nothing was written: check that it runs, then try again."
        ) from error


async def _choose(session: AsyncSession, agent_type: str) -> None:
    connection = await session.connection()
    try:
        await connection.execute(_PRELUDE)
        await connection.execute(_ACT_AS, {"agent_type": agent_type})
    except DBAPIError as error:
        refusal = _ERRORS.get(getattr(error.orig, "sqlstate", ""))
        if refusal is None:
            raise
        raise refusal(_message(error)) from error


def _message(error: DBAPIError) -> str:
    """What the function said, with its hint."""
    cause = getattr(error.orig, "__cause__", None)
    said, hint = getattr(cause, "message", str(cause)), getattr(cause, "hint", None)
    return f"{said}. {hint}" if hint else f"{said}."
