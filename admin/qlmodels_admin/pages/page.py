"""Pages of our own: where each stands in the navigation, who may see it, what it shows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels.logins import PanelRole
from qlmodels_admin.auth import EVERYBODY
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live import LiveFleet
from qlmodels_admin.pages.database.doctor_report import DoctorReports
from qlmodels_admin.values import cut

Group = Literal["Learning", "Explain", "Data"]
"""Is my fleet learning? Why does this one behave so? What is in the tables?"""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page may read from."""

    engine: AsyncEngine
    learning: CachedVerdicts
    fleet: LiveFleet
    checkup: DoctorReports


Answer = Callable[[Sources, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """`read` answers a GET of `path` with what `template` shows; the route's name is `name`.

    `parts` answer below it by themselves: `stream` of `fleet` is the route `fleet.stream`. `acts`
    are POSTs below it, and for those alone who may see it and are WRITERS.
    """

    name: str
    title: str
    group: Group | None
    """None for a page that stands elsewhere than in the navigation."""

    path: str
    template: str
    read: Callable[[Sources, Request], Awaitable[Mapping[str, Any]]]
    parts: Mapping[str, Answer] = field(default_factory=dict)
    acts: Mapping[str, Answer] = field(default_factory=dict)
    roles: frozenset[PanelRole] = EVERYBODY


def uuid_parameter(text: str, of: str) -> UUID:
    """What the URL asks for. Raises HTTPException 422: it is no `of`."""
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(422, f"{cut(text, 60)} is no {of}.") from error
