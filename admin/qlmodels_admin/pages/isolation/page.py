"""Who may reach which rows: the access matrix as the database has it, and a row looked into."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.access import LEGEND, Matrix, declared_matrix, live_matrix, matrix
from qlmodels.access.matrix import COMMANDS
from qlmodels.connection import read_transaction
from qlmodels.ddl.access import AGENT_ROLES, ROLES, TABLES
from qlmodels.tables import metadata
from qlmodels_admin.db import asyncpg_connection, driver_error, statements_of
from qlmodels_admin.pages.isolation.explain import Explanation, explain
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.values import InvalidRowKey, decode_key
from qlmodels_admin.web import known_agent_type

query = statements_of(__package__)

MAX_ROWS_COUNTED: Final = 1000
"""Rows of a table that are counted through an agent's eyes."""


@dataclass(frozen=True, slots=True)
class IsolationQuery:
    """What the URL asks for. Raises HTTPException 422 for what there is not."""

    table: str
    role: str
    agent_type: str | None
    key: str

    @classmethod
    def read(cls, request: Request, names: list[str]) -> "IsolationQuery":
        parameters = request.query_params
        chosen = cls(
            parameters.get("table") or "q_values",
            parameters.get("role") or AGENT_ROLES[0],
            parameters.get("agent_type") or (names[0] if names else None),
            parameters.get("key", ""),
        )
        if chosen.table not in TABLES or chosen.role not in ROLES:
            raise HTTPException(422, "Seven tables and eight roles are offered.")
        if names:
            known_agent_type(chosen.agent_type or "", names)
        return chosen

    def row_key(self) -> tuple[Any, ...] | None:
        """The values of the key's columns, if one is given. Raises InvalidRowKey."""
        columns = list(metadata.tables[self.table].primary_key.columns)
        return decode_key(self.key, columns) if self.key else None


@dataclass(frozen=True, slots=True)
class AccessCell:
    """What one role may do in one table, in letters; `declared` where that is something else."""

    role: str
    table: str
    letters: str
    declared: str | None
    description: str


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    names = await sources.learning.names()
    choice = IsolationQuery.read(request, names)
    key, problem = None, None
    try:
        key = choice.row_key()
    except InvalidRowKey as error:
        problem = f"This is no key of {choice.table}: {error}."
    async with read_transaction(sources.engine) as connection:
        live = await live_matrix(await asyncpg_connection(connection))
        unguarded = await connection.execute(query("unguarded_tables"), {"tables": list(TABLES)})
        bare = {row.name: row.is_enabled for row in unguarded}
        scrutiny = await explain(connection, choice.table, choice.role, choice.agent_type, key)
    if key is not None and not scrutiny.is_found:
        problem = f"There is no row {choice.key} in {choice.table}."
    rows = [[_cell(live, role, table) for table in live.tables] for role in live.roles]
    seen = await view_as(sources.engine, choice.agent_type) if choice.agent_type else None
    return {
        "choice": choice,
        "names": names,
        "matrix": live,
        "rows": rows,
        "LEGEND": LEGEND,
        "TABLES": TABLES,
        "ROLES": ROLES,
        "AGENTS": AGENT_ROLES,
        "scrutiny": scrutiny,
        "seen": seen,
        "MOST": MAX_ROWS_COUNTED,
        "headline": headline(rows, bare),
        "key_names": _key_names(choice.table),
        "sentences": sentences(scrutiny),
        "problem": problem,
    }


async def view_as(engine: AsyncEngine, agent_type: str) -> "Mapping[str, Any]":
    """Rows of each table as the agent sees them, or in `refused` why nobody may see as it does.

    In the orchestrators' role, in a transaction that can only read and whose end ends it all.
    """
    async with read_transaction(engine) as connection:
        try:
            await connection.execute(query("act_as"), {"agent_type": agent_type})
            seen = await connection.execute(query("visible_rows"), {"most": MAX_ROWS_COUNTED + 1})
        except DBAPIError as error:
            message = getattr(driver_error(error), "message", "the database refused")
            return {"refused": message, "rows": {}}
        return {"refused": None, "rows": {row.table_name: row.rows for row in seen}}


_declared = cache(declared_matrix)


def _cell(live: Matrix, role: str, table: str) -> AccessCell:
    declared = _declared()
    rights = [(role, table, command) for command in COMMANDS]
    differs = any(
        live.direct.get(right) != declared.direct.get(right)
        or live.cell(*right) != declared.cell(*right)
        for right in rights
    )
    words = "; ".join(
        f"{command} {_described(live.cell(role, table, command))}"
        for command in COMMANDS
        if live.cell(role, table, command).verdict != "denied"
    )
    letters = live.letters(role, table)
    return AccessCell(
        role, table, letters, declared.letters(role, table) if differs else None, words
    )


def _described(cell: matrix.MatrixEntry) -> str:
    if cell.note is not None:
        return cell.note
    return "every row" if cell.verdict == "open" else f"rows for which {cell.predicate}"


def headline(rows: list[list[AccessCell]], bare: Mapping[str, bool]) -> str:
    """Return whether the tables are guarded, and as this release declares."""
    cells = [cell for row in rows for cell in row]
    other = [cell for cell in cells if cell.declared is not None]
    if bare:
        name, is_enabled = next(iter(bare.items()))
        more = f", and of {len(bare) - 1} more" if len(bare) > 1 else ""
        how = "does not bind the owner" if is_enabled else "is off"
        return f"Row-level security of {name}{more} {how}: run qlmodels doctor for the fix."
    guarded = f"Row-level security guards all {len(TABLES)} tables, even from their owner"
    if not other:
        return f"{guarded}, and each of {len(cells)} rights is as this release declares it."
    first = other[0]
    verb = "right is not as" if len(other) == 1 else "rights are not as"
    return (
        f"{guarded}, but {len(other)} {verb} this release declares: "
        f"{first.role} may {first.letters} in {first.table}, and {first.declared} is declared."
    )


def sentences(scrutiny: Explanation) -> list[tuple[str, bool | None, str]]:
    """Each command, whether it is allowed on the row, and why."""
    return [(right.command, *right.verdict(scrutiny)) for right in scrutiny.rights]


def _key_names(table: str) -> str:
    return ";".join(column.name for column in metadata.tables[table].primary_key.columns)


ISOLATION = Page("isolation", "Isolation", "Data", "/isolation", "pages/isolation.html", read)
