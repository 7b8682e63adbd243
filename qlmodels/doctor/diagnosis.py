"""The checks, one after the other, on one connection."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.doctor.check import Check, CheckContext
from qlmodels.doctor.checks import CHECKS, ON_ANY, ON_OURS
from qlmodels.doctor.checks.reachability import unreachable
from qlmodels.doctor.finding import Finding

logger = logging.getLogger(__name__)

UNSEEN: Final = "What it looks for may be there, unseen."

REFUSALS: Final = (asyncpg.InsufficientPrivilegeError, asyncpg.QueryCanceledError)
"""What a login is told that may not have the answer, or not now."""

CHECK_TIMEOUT: Final = "30s"
"""What a statement of the panel's login may take, which stands beside the learning fleet."""


async def diagnose(
    owner: URL, panel: URL | None = None, on_check: Callable[[int], None] = lambda _: None
) -> list[Finding]:
    """Everything that is wrong with the database at `owner`, and with the panel's way to it.

    `on_check` is called with 1 after each check. Nothing is changed. It takes seconds, most of
    them for `drift`, and one connection by each URL.
    """
    if (refused := await unreachable("DATABASE_URL", owner)) is not None:
        return [refused]
    refused = await unreachable("QLMODELS_PANEL_URL", panel) if panel is not None else None
    findings = [refused] if refused is not None else []
    async with connect(owner) as connection:
        context = CheckContext(owner, connection, panel if refused is None else None)
        findings += await examined(context, ON_ANY, on_check)
        if await migrate.schema_owner(connection) is not None:
            findings += await examined(context, ON_OURS, on_check)
    return findings


async def diagnose_from_panel(panel: URL) -> list[Finding]:
    """What the panel's login can tell by itself; each check that it cannot answer is `skipped`.

    Nothing is changed. It takes a second, and two connections.
    """
    if (refused := await unreachable("QLMODELS_PANEL_URL", panel)) is not None:
        return [refused, *(_skipped(check, "the database was not reached") for check in CHECKS)]
    async with connect(panel) as connection:
        context = CheckContext(panel, connection, panel)
        return [finding for check in CHECKS for finding in await _ventured(check, context)]


async def examined(
    context: CheckContext, checks: Sequence[Check], on_check: Callable[[int], None] = lambda _: None
) -> list[Finding]:
    """Ask each check. One that fails is a finding, and the others are asked all the same."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += await check.findings(context)
        except Exception as failure:
            findings.append(_failed(check, failure))
        on_check(1)
    return findings


async def _ventured(check: Check, context: CheckContext) -> list[Finding]:
    """Of a login that may be refused the answer."""
    if check.needs_owner:
        return [_skipped(check, "only the owner's login is told")]
    try:
        async with context.connection.transaction(readonly=True):
            await context.connection.execute(
                "select set_config('statement_timeout', $1, true)", CHECK_TIMEOUT
            )
            return await check.findings(context)
    except Exception as failure:
        return [_failed(check, failure)]


def _failed(check: Check, failure: Exception) -> Finding:
    """What keeps this login from an answer is `skipped`, all else is an error."""
    cause = _refusal(failure) or failure
    reason = next(iter(str(cause).splitlines()), "") or type(failure).__name__
    if isinstance(cause, REFUSALS):
        return _skipped(check, reason)
    logger.warning("The check %s failed.", check.name, exc_info=failure)
    return Finding(
        check.name,
        "error",
        f"{check.name} could not be checked: {reason}",
        type(failure).__name__,
        UNSEEN,
        "qlmodels --log-format text doctor",
    )


def _refusal(failure: BaseException) -> BaseException | None:
    """What the server refused, in whichever errors of ours that came to be."""
    cause: BaseException | None = failure
    while cause is not None and not isinstance(cause, PostgresError):
        cause = cause.orig if isinstance(cause, DBAPIError) else cause.__cause__
    return cause


def _skipped(check: Check, evidence: str) -> Finding:
    return Finding(
        check.name,
        "skipped",
        f"{check.name} was not checked",
        evidence,
        UNSEEN,
        "qlmodels doctor",
    )
