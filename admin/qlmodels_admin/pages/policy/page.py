"""The policy of an agent type: its Q-table as a matrix, its versions, and what changed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels import policies
from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.policies import Comparison, NoSuchVersion, Version
from qlmodels.verdicts import LearningStatus
from qlmodels_admin.auth import WRITERS, current_user
from qlmodels_admin.db import asyncpg_connection, statements_of
from qlmodels_admin.pages.page import NO_AGENT_TYPES, Page, Sources
from qlmodels_admin.pages.policy.matrix import PolicyMatrix, matrix_line
from qlmodels_admin.pages.policy.promotion import (
    preview_of,
    promote,
    promotion_to_take_back,
    take_back,
)
from qlmodels_admin.pages.policy.query import STATE_ORDERS, PolicyQuery
from qlmodels_admin.pages.policy.snapshots import keep, restore
from qlmodels_admin.tables import row_url
from qlmodels_admin.values import dump_json, encode_key

query = statements_of(__package__)

STATES_A_PAGE: Final = 25
"""States on a page."""

MAX_PAIRS_SORTED: Final = 25_000
"""Pairs that are read to put the states in order."""

UNCERTAIN_MARGIN: Final = 0.05
"""A state is uncertain if its best two values are nearer than this part of the largest one."""

MAX_EPISODES_SEARCHED: Final = 200
"""Episodes that are looked through for a state."""

MAX_CHANGES_SHOWN: Final = 8
"""Lines of each kind of change."""

_compared: dict[tuple[Any, ...], Comparison] = {}
"""By database, agent type, and number and time of both versions: these never change, and so neither
does what differs between them."""


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    kinds = await sources.learning.all_agent_types()
    if not kinds:
        return {"choice": None, "headline": NO_AGENT_TYPES}
    names = await sources.learning.names()
    choice = PolicyQuery.read(request, kinds, names)
    try:
        async with read_transaction(sources.engine, statement_timeout="60s") as connection:
            await keep_join_order(connection)
            return await _read(connection, sources, request, choice, kinds)
    except NoSuchVersion as error:
        raise HTTPException(404, str(error)) from error
    except PostgresError as error:  # what the driver was asked directly
        raise HTTPException(503, "The database does not answer now. Try again.") from error


async def _read(
    connection: AsyncConnection,
    sources: Sources,
    request: Request,
    choice: PolicyQuery,
    kinds: Sequence[LearningStatus],
) -> dict[str, Any]:
    user = current_user(request)
    driver = await asyncpg_connection(connection)
    versions = await policies.read_versions(driver, choice.agent_type)
    for number in (choice.version, choice.against):
        if number is not None and number not in {version.number for version in versions}:
            raise NoSuchVersion(f"Agent type {choice.agent_type} has no version {number}.")
    rows = await _states(connection, choice)
    shown = [row for row in rows if row["state_hash"] is not None]
    hashes = [row["state_hash"] for row in shown]
    if choice.state is not None and choice.state not in hashes:
        hashes.append(choice.state)
    cells = await _cells(connection, choice.agent_type, choice.version, hashes)
    former = (
        await _cells(connection, choice.agent_type, choice.against, hashes)
        if choice.against is not None
        else []
    )
    comparison = await _compare(driver, sources.engine, choice, versions)
    state = [cell for cell in cells if cell["state_hash"] == choice.state]
    coming = None
    if choice.restore is not None and user.role == "admin":
        coming = await policies.preview_restore(driver, choice.agent_type, choice.restore)
    promotion = None
    if choice.promote_to is not None and user.role == "admin":
        promotion = await preview_of(driver, choice, choice.promote_to)
    whole = rows[0]
    matrix = PolicyMatrix.of(shown, cells, former)

    def pair_url(number: Any) -> str:
        return row_url(request, "q_values", "details", encode_key([choice.agent_type, number]))

    return {
        "choice": choice,
        "kinds": kinds,
        "versions": versions,
        "BY": STATE_ORDERS,
        "whole": whole,
        "matrix": matrix,
        "comparison": comparison,
        "coming": coming,
        "promotion": promotion,
        "to_take_back": promotion_to_take_back(versions),
        "size": STATES_A_PAGE,
        "most": MAX_PAIRS_SORTED,
        "headline": headline(choice, whole, comparison),
        "state": state,
        "latest": MAX_EPISODES_SEARCHED,
        "episodes": await _episodes(connection, choice, state),
        "pages": max(1, -(-whole["states"] // STATES_A_PAGE)),
        "line": matrix_line,
        "pair_url": pair_url,
        "most_cut": whole["pairs"] >= MAX_PAIRS_SORTED,
        "may_keep": user.role in WRITERS,
        "may_restore": user.role == "admin",
    }


def headline(choice: PolicyQuery, whole: Mapping[str, Any], comparison: Comparison | None) -> str:
    """How sure the policy is of itself; of two versions, what changed between them."""
    name = choice.agent_type
    if comparison is not None:
        until = "now" if choice.version is None else f"version {choice.version}"
        share = f"{comparison.greedy_changed:,} of {comparison.states:,} states"
        return (
            f"From version {choice.against} to {until}, {share} of {name} changed their best "
            f"action; {comparison.made:,} pairs are new and {comparison.lost:,} are gone."
        )
    if not whole["states"]:
        return (
            f"{name} has no such state." if choice.contains else f"{name} has learned nothing yet."
        )
    compared = whole["states"] - whole["single"]
    many = whole["pairs"] >= MAX_PAIRS_SORTED
    text = (
        f"{name} has {'more than ' * many}{whole['states']:,} state{'s' * (whole['states'] != 1)}"
    )
    if choice.contains:
        text += " that hold this"
    if not compared:
        return f"{text}, and tried a single action in each of them."
    return (
        f"{text}; in {whole['doubtful']:,} of the {compared:,} with several tried actions the "
        "best two are close."
    )


async def _states(connection: AsyncConnection, choice: PolicyQuery) -> Sequence[Any]:
    """One row at least, with what the states are together."""
    values = {
        "agent_type": choice.agent_type,
        "version": choice.version,
        "contains": choice.contains,
        "most": MAX_PAIRS_SORTED,
        "narrow": UNCERTAIN_MARGIN,
        "by": choice.by,
        "size": STATES_A_PAGE,
        "skip": (choice.page - 1) * STATES_A_PAGE,
    }
    return (await connection.execute(query("states"), values)).mappings().all()


async def _cells(
    connection: AsyncConnection, agent_type: str, version: int | None, states: Sequence[str]
) -> Sequence[Any]:
    if not states:
        return []
    values = {"agent_type": agent_type, "version": version, "states": list(states)}
    return (await connection.execute(query("cells"), values)).mappings().all()


async def _episodes(
    connection: AsyncConnection, choice: PolicyQuery, state: Sequence[Any]
) -> Sequence[Any]:
    if not state:
        return []
    values = {
        "agent_type": choice.agent_type,
        "latest": MAX_EPISODES_SEARCHED,
        "state": dump_json(state[0]["state_data"]),
    }
    return (await connection.execute(query("episodes"), values)).mappings().all()


async def _compare(
    driver: asyncpg.Connection,
    engine: AsyncEngine,
    choice: PolicyQuery,
    versions: Sequence[Version],
) -> Comparison | None:
    if choice.against is None:
        return None
    if choice.version is None:
        return await policies.compare(
            driver, choice.agent_type, choice.against, None, limit=MAX_CHANGES_SHOWN
        )
    kept_at = {version.number: version.kept_at for version in versions}
    compared = [(number, kept_at[number]) for number in (choice.against, choice.version)]
    key = (engine.url.render_as_string(), choice.agent_type, *compared)
    if key not in _compared:
        if len(_compared) >= 100:
            _compared.pop(next(iter(_compared)))
        _compared[key] = await policies.compare(
            driver, choice.agent_type, choice.against, choice.version, limit=MAX_CHANGES_SHOWN
        )
    return _compared[key]


POLICY = Page(
    "policy",
    "Policy",
    "Inspect",
    "/policy",
    "pages/policy.html",
    read,
    acts={"keep": keep, "restore": restore, "promote": promote, "take-back": take_back},
)
