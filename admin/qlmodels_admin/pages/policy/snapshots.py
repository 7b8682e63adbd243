"""Keeping and restoring versions of a policy, from its page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlencode

import asyncpg
from asyncpg.exceptions import PostgresError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels import policies
from qlmodels.policies import NoSuchVersion, NothingPromoted, NotPromotable
from qlmodels_admin.auth import current_user
from qlmodels_admin.db import asyncpg_connection, write_transaction
from qlmodels_admin.pages.page import Sources
from qlmodels_admin.pages.policy.query import positive_integer
from qlmodels_admin.web import known_agent_type, read_form, see_other

RESTORE_TIMEOUT: Final = "10min"
"""A restore is a change of every pair, each of which is logged."""


@asynccontextmanager
async def changing(
    sources: Sources, request: Request, note: str
) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection to change pairs with. Raises HTTPException 404, 409."""
    try:
        async with write_transaction(
            sources.engine, current_user(request).name, note, at_most=RESTORE_TIMEOUT
        ) as connection:
            yield await asyncpg_connection(connection)
    except NoSuchVersion as error:
        raise HTTPException(404, str(error)) from error
    except (NotPromotable, NothingPromoted) as error:
        raise HTTPException(409, str(error)) from error
    except PostgresError as error:
        raise HTTPException(
            409, "Another change held the rows, so nothing was done. Try again."
        ) from error


async def keep(sources: Sources, request: Request) -> Response:
    """Keep the Q-table as it is."""
    form = await read_form(request)
    names, note = await sources.learning.names(), str(form.get("note", "")).strip()
    agent_type = known_agent_type(str(form.get("agent_type", "")), names)
    async with changing(sources, request, "policy kept") as driver:
        await policies.keep(driver, agent_type, "hand", note[:500] or None)
    values = {"agent_type": agent_type, "note": "kept"}
    return see_other(f"{policy_path(request)}?{urlencode(values)}")


async def restore(sources: Sources, request: Request) -> Response:
    """Make the Q-table what a version holds; for admins, since pairs learned since are deleted."""
    if current_user(request).role != "admin":
        raise HTTPException(403, "Restoring deletes what was learned since: only an admin may.")
    form = await read_form(request)
    names = await sources.learning.names()
    agent_type = known_agent_type(str(form.get("agent_type", "")), names)
    version = positive_integer({"version": str(form.get("version", ""))}, "version")
    if version is None:
        raise HTTPException(422, "Say which version is to be restored.")
    async with changing(sources, request, f"policy version {version} restored") as driver:
        done = await policies.restore(driver, agent_type, version)
    values = {"agent_type": agent_type, "against": done.before, "note": "policy"}
    return see_other(f"{policy_path(request)}?{urlencode(values)}")


def policy_path(request: Request) -> str:
    return request.url_for("admin:policy").path
