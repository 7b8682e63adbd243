"""Is the database well? What the doctor finds, what the tables take, who is connected."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from qlmodels import migrate
from qlmodels.connection import read_transaction
from qlmodels.formatting import format_size
from qlmodels_admin.auth import WRITERS, current_user
from qlmodels_admin.db import sqlstate, statements_of
from qlmodels_admin.jobs import SIZED_TABLES, growth, read_jobs
from qlmodels_admin.pages.database.doctor_report import DoctorReport
from qlmodels_admin.pages.database.expiring import days, expiring
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.web import see_other

query = statements_of(__package__)

MAX_STATEMENTS: Final = 10
"""Statements that are told of."""

NOT_PRELOADED: Final = "55000"


def headline(database: Mapping[str, Any], head: str, report: DoctorReport | None) -> str:
    """Schema, checks and size, in a sentence."""
    revision = database["revision"] or "base"
    schema = (
        f"Schema at head {head}"
        if revision == head
        else f"Schema at {revision}, where this release wants {head}"
    )
    return f"{schema}; {report or 'nothing is checked yet'}; {format_size(database['size'])}."


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    report = await sources.doctor_report.get()
    async with read_transaction(sources.engine) as connection:
        state = await connection.execute(query("state"))
        database = dict(state.mappings().one())
        sizes = await connection.execute(query("table_sizes"), {"tables": list(SIZED_TABLES)})
        tables = sizes.mappings().all()
        grown = await growth(connection)
        expire = await expiring(connection)
        jobs = await read_jobs(connection)
        statements = await _statements(connection)
    head = migrate.head()
    return {
        "headline": headline(database, head, report),
        "database": database,
        "head": head,
        "tables": tables,
        "report": report,
        "is_under_way": sources.doctor_report.is_under_way,
        "grown": grown,
        "expire": expire,
        "days": days(),
        "jobs": jobs,
        "background_work": sources.scheduler.description,
        "statements": statements,
        "may_check": current_user(request).role in WRITERS,
    }


async def _statements(connection: AsyncConnection) -> Sequence[RowMapping] | None:
    """What took longest; None where the server does not count."""
    try:
        async with connection.begin_nested() as attempt:
            if not await connection.scalar(query("statements_schema")):
                return None
            rows = await connection.execute(query("statements"), {"most": MAX_STATEMENTS})
            statements = rows.mappings().all()
            await attempt.rollback()  # and with it the search path
    except DBAPIError as error:
        if sqlstate(error) != NOT_PRELOADED:
            raise
        return None
    return statements


async def check(sources: Sources, request: Request) -> Response:
    """Begin; the page shows what comes of it."""
    sources.doctor_report.begin()
    return see_other(request.url_for("admin:database").path)


DATABASE = Page(
    "database",
    "Database",
    "Data",
    "/database",
    "pages/database.html",
    read,
    acts={"check": check},
)
