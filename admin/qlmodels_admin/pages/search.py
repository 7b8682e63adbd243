"""One term over everything: agent types, instances, sessions, episodes, tasks, patterns, states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.connection import keep_join_order, read_transaction
from qlmodels_admin.db import QUERY_CANCELED, sqlstate, statements_of
from qlmodels_admin.pages.navigation import Entry
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.rows import escape_like
from qlmodels_admin.tables import row_url
from qlmodels_admin.values import cut, encode_key, unstorable

query = statements_of(__package__)

MAX_RESULTS: Final = 8
"""Results of one kind."""

MAX_ROWS_SEARCHED: Final = 400
"""Names of one agent type that are read, where no index finds what they hold."""

MIN_HASH_CHARS: Final = 3
MIN_UUID_CHARS: Final = 4
"""Letters from which a term may be the beginning of one."""

MAX_TERM_CHARS: Final = 200
SEARCH_TIMEOUT: Final = "2s"

RESULT_KINDS: Final[Mapping[str, str]] = {
    "agent_types": "Agent types",
    "agent_states": "Instances",
    "sessions": "Sessions",
    "tasks": "Tasks",
    "patterns": "Patterns",
    "states": "States",
    "trajectories": "Episodes",
}


@dataclass(frozen=True, slots=True)
class SearchResult:
    label: str
    url: str
    agent_type: str | None = None
    detail: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResultGroup:
    name: str
    results: list[SearchResult]


def meanings(term: str) -> dict[str, Any]:
    """What the query looks for; a uuid or a hash may be cut off anywhere."""
    plain = escape_like(term)
    letters = term.replace("-", "").lower()
    is_hex = letters.isascii() and all(letter in "0123456789abcdef" for letter in letters)
    is_uuid = is_hex and MIN_UUID_CHARS <= len(letters) <= 32
    is_hash = is_hex and "-" not in term and MIN_HASH_CHARS <= len(letters) <= 64
    return {
        "inside": f"%{plain}%",
        "begins": f"{plain}%",
        "hash": f"{letters}%" if is_hash else None,
        "low": UUID(letters.ljust(32, "0")) if is_uuid else None,
        "high": UUID(letters.ljust(32, "f")) if is_uuid else None,
        "most": MAX_RESULTS,
        "looked_at": MAX_ROWS_SEARCHED,
    }


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    """Search for the term of the URL. Raises HTTPException 422."""
    term = request.query_params.get("q", "").strip()
    if len(term) > MAX_TERM_CHARS:
        raise HTTPException(
            422, f"The term is too long. Search for at most {MAX_TERM_CHARS} characters."
        )
    if (reason := unstorable(term)) is not None:
        raise HTTPException(422, f"This cannot be searched for. {reason}")
    context = {"term": term, "groups": [], "is_slow": False, "looked_at": MAX_ROWS_SEARCHED}
    if not term:
        return context
    groups, is_slow = [*_pages(term, request)], False
    try:
        async with read_transaction(sources.engine, statement_timeout=SEARCH_TIMEOUT) as connection:
            await keep_join_order(connection)
            rows = (await connection.execute(query("search"), meanings(term))).mappings().all()
    except DBAPIError as error:
        if sqlstate(error) != QUERY_CANCELED:
            raise
        rows, is_slow = [], True
    for kind, name in RESULT_KINDS.items():
        if results := [_result(row, request) for row in rows if row["kind"] == kind]:
            groups.append(ResultGroup(name, results))
    return {**context, "groups": groups, "is_slow": is_slow}


def _result(row: Any, request: Request) -> SearchResult:
    owner = row["agent_type"]
    match row["kind"]:
        case "tasks":
            url = _list(request, "trajectories", agent_type=owner, task_id=row["key"])
        case "states":
            url = _list(request, "q_values", agent_type=owner, state_hash=row["key"])
        case "trajectories":
            path = request.url_for("admin:trajectory").path
            url = f"{path}?{urlencode({'agent_type': owner, 'id': row['key']})}"
        case "agent_types":
            url = row_url(request, "agent_types", "details", encode_key([owner]))
        case kind:
            url = row_url(request, kind, "details", encode_key([owner, row["key"]]))
    detail = None if row["detail"] is None else cut(row["detail"], 100)
    named = None if row["kind"] == "agent_types" else owner
    return SearchResult(row["label"], url, named, detail, row["at"])


def _list(request: Request, table: str, **filters: str) -> str:
    return f"{request.url_for('admin:list', identity=table).path}?{urlencode(filters)}"


def _pages(term: str, request: Request) -> Iterator[ResultGroup]:
    entries: list[Entry] = request.state.places
    entries_found = [entry for entry in entries if term.lower() in entry.title.lower()]
    if entries_found:
        yield ResultGroup(
            "Pages", [SearchResult(entry.title, entry.url) for entry in entries_found[:MAX_RESULTS]]
        )


SEARCH = Page("search", "Search", None, "/search", "pages/search.html", read)
