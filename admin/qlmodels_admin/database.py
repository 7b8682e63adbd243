"""Is the database well? What the doctor finds, what the tables take, who is connected."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from qlmodels import migrate
from qlmodels.ddl.access import TABLES
from qlmodels_admin.auth import current_user
from qlmodels_admin.checkup import Report
from qlmodels_admin.pages import WRITERS, Page, Sources
from qlmodels_admin.queries import query, reading
from qlmodels_admin.row_pages import see_other

SIZED: Final = (*(f"public.{name}" for name in TABLES), "qlmodels_private.audit_log")


def headline(database: Mapping[str, Any], head: str, report: Report | None) -> str:
    """Schema, checks and size, in a sentence."""
    revision = database["revision"] or "base"
    schema = (
        f"Schema at head {head}" if revision == head
        else f"Schema at {revision}, where this release wants {head}"
    )  # fmt: skip
    return f"{schema}; {report or 'nothing is checked yet'}; {database['size']}."


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    report = await sources.checkup.read()
    async with reading(sources.engine) as connection:
        state = await connection.execute(query("database_state"))
        database = dict(state.mappings().one())
        sizes = await connection.execute(query("table_sizes"), {"tables": list(SIZED)})
        tables = sizes.mappings().all()
    head = migrate.head()
    return {
        "headline": headline(database, head, report), "database": database, "head": head,
        "tables": tables, "report": report, "is_under_way": sources.checkup.is_under_way,
        "may_check": current_user(request).role in WRITERS,
    }  # fmt: skip


async def check(sources: Sources, request: Request) -> Response:
    """Begin; the page shows what comes of it."""
    sources.checkup.begin()
    return see_other(request.url_for("admin:database").path)


DATABASE = Page(
    "database", "Database", "Data", "/database", "panel/database.html", read,
    acts={"check": check},
)  # fmt: skip
