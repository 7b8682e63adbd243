"""The policy of an agent type: its Q-table as a matrix, its versions, and what changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels import policies
from qlmodels.connection import keep_join_order, read_transaction
from qlmodels.policies import Comparison, NoSuchVersion
from qlmodels.verdicts import LearningStatus
from qlmodels_admin.auth import WRITERS, current_user
from qlmodels_admin.db import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.pages.page import NO_AGENT_TYPES, Page, Sources
from qlmodels_admin.pages.policy.matrix import PolicyMatrix, matrix_line
from qlmodels_admin.tables import row_url
from qlmodels_admin.values import Unparsed, cut, dump_json, encode_key, load_json, unstorable_reason
from qlmodels_admin.web import known_agent_type, read_form, see_other

query = statements_of(__package__)

STATES_A_PAGE: Final = 25
"""States on a page."""

MAX_PAIRS_SORTED: Final = 25_000
"""Pairs that are read to put the states in order."""

UNCERTAIN_MARGIN: Final = 0.05
"""A state is in doubt if its best two values are nearer than this part of the largest one."""

MAX_EPISODES_SEARCHED: Final = 200
"""Episodes that are looked through for a state."""

MAX_CHANGES_SHOWN: Final = 8
"""Lines of each kind of change."""

RESTORE_TIMEOUT: Final = "10min"
"""A restore is a change of every pair, each of which is logged."""

STATE_ORDERS: Final = {"visits": "most visited", "doubt": "most in doubt", "value": "most valuable"}

_compared: dict[tuple[str, str, int, int], Comparison] = {}
"""Kept versions never change, so neither does what differs between two."""


@dataclass(frozen=True, slots=True)
class PolicyQuery:
    """What the URL asks for. Raises HTTPException 422 for what there is not."""

    agent_type: str
    contains: str | None
    by: str
    page: int
    version: int | None
    """None is the Q-table as it is now."""
    against: int | None
    """None compares with nothing."""
    state: str | None
    restore: int | None

    @classmethod
    def read(cls, request: Request, states: Sequence[LearningStatus]) -> "PolicyQuery":
        asked = request.query_params
        names = [state.agent_type for state in states]
        chosen = cls(
            known_agent_type(asked.get("agent_type") or names[0], names),
            _document(asked.get("contains")),
            asked.get("by") or "visits",
            _integer(asked, "page") or 1,
            _integer(asked, "version"),
            _integer(asked, "against"),
            asked.get("state") or None,
            _integer(asked, "restore"),
        )
        if chosen.by not in STATE_ORDERS:
            raise HTTPException(422, "States are in order by visits, doubt or value.")
        return chosen

    def url(self, **other: Any) -> str:
        """The query of this choice with other values; page 1 again unless a page is given."""
        names = ("agent_type", "contains", "by", "version", "against")
        values = {name: getattr(self, name) for name in names} | {"page": None} | other
        if values["by"] == "visits":
            del values["by"]
        if values["page"] == 1:
            del values["page"]
        return "?" + urlencode({name: value for name, value in values.items() if value is not None})


def _integer(asked: Mapping[str, str], name: str) -> int | None:
    text = asked.get(name) or None
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise HTTPException(422, f"{name} is a number from 1, and not {cut(text, 20)!r}.")
    return int(text)


def _document(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    try:
        document = load_json(text)
    except ValueError as error:
        raise HTTPException(
            422, f'Search states by JSON, for example {{"module": "auth"}} ({error}).'
        ) from error
    if isinstance(document, Unparsed):
        raise HTTPException(422, "The document is nested too deeply. Search for a part of it.")
    if (reason := unstorable_reason(document)) is not None:
        raise HTTPException(422, f"Postgres cannot hold this document: {reason}. Remove it.")
    return text.strip()


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    kinds = await sources.learning.agent_types()
    if not kinds:
        return {"choice": None, "headline": NO_AGENT_TYPES}
    choice = PolicyQuery.read(request, kinds)
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
    for asked in (choice.version, choice.against):
        if asked is not None and asked not in {version.number for version in versions}:
            raise NoSuchVersion(f"Agent type {choice.agent_type} has no version {asked}.")
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
    comparison = await _compare(driver, sources.engine, choice)
    state = [cell for cell in cells if cell["state_hash"] == choice.state]
    coming = None
    if choice.restore is not None and user.role == "admin":
        coming = await policies.preview_restore(driver, choice.agent_type, choice.restore)
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
            f"{name} knows no such state."
            if choice.contains
            else f"{name} has learned nothing yet."
        )
    compared = whole["states"] - whole["single"]
    many = whole["pairs"] >= MAX_PAIRS_SORTED
    found = (
        f"{name} knows {'more than ' * many}{whole['states']:,} state{'s' * (whole['states'] != 1)}"
    )
    if choice.contains:
        found += " that hold this"
    if not compared:
        return f"{found}, and has tried a single action in each of them."
    return (
        f"{found} and is in doubt in {whole['doubtful']:,} of the {compared:,} in which it tried "
        "more than one action."
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
    driver: asyncpg.Connection, engine: AsyncEngine, choice: PolicyQuery
) -> Comparison | None:
    if choice.against is None:
        return None
    if choice.version is None:
        return await policies.compare(
            driver, choice.agent_type, choice.against, None, limit=MAX_CHANGES_SHOWN
        )
    key = (engine.url.render_as_string(), choice.agent_type, choice.against, choice.version)
    if key not in _compared:
        if len(_compared) >= 100:
            _compared.pop(next(iter(_compared)))
        _compared[key] = await policies.compare(
            driver, choice.agent_type, choice.against, choice.version, limit=MAX_CHANGES_SHOWN
        )
    return _compared[key]


@asynccontextmanager
async def _changing(
    sources: Sources, request: Request, note: str
) -> AsyncIterator[asyncpg.Connection]:
    """Raises HTTPException 409 where somebody else holds what is to be changed."""
    try:
        async with write_transaction(
            sources.engine, current_user(request).name, note, at_most=RESTORE_TIMEOUT
        ) as connection:
            yield await asyncpg_connection(connection)
    except NoSuchVersion as error:
        raise HTTPException(404, str(error)) from error
    except PostgresError as error:
        raise HTTPException(
            409, "Another change held the rows, so nothing was done. Try again."
        ) from error


async def keep(sources: Sources, request: Request) -> Response:
    """Keep the Q-table as it is."""
    form = await read_form(request)
    names, note = await sources.learning.names(), str(form.get("note", "")).strip()
    agent_type = known_agent_type(str(form.get("agent_type", "")), names)
    async with _changing(sources, request, "policy kept") as driver:
        await policies.keep(driver, agent_type, "hand", note[:500] or None)
    asked = {"agent_type": agent_type, "note": "kept"}
    return see_other(f"{_path(request)}?{urlencode(asked)}")


async def restore(sources: Sources, request: Request) -> Response:
    """Make the Q-table what a version holds; for admins, since pairs learned since are deleted."""
    if current_user(request).role != "admin":
        raise HTTPException(403, "Restoring deletes what was learned since: only an admin may.")
    form = await read_form(request)
    names = await sources.learning.names()
    agent_type = known_agent_type(str(form.get("agent_type", "")), names)
    version = _integer({"version": str(form.get("version", ""))}, "version")
    if version is None:
        raise HTTPException(422, "Say which version is to be restored.")
    async with _changing(sources, request, f"policy version {version} restored") as driver:
        done = await policies.restore(driver, agent_type, version)
    asked = {"agent_type": agent_type, "against": done.before, "note": "policy"}
    return see_other(f"{_path(request)}?{urlencode(asked)}")


def _path(request: Request) -> str:
    return request.url_for("admin:policy").path


POLICY = Page(
    "policy",
    "Policy",
    "Explain",
    "/policy",
    "pages/policy.html",
    read,
    acts={"keep": keep, "restore": restore},
)
