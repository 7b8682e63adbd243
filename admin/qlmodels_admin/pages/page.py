"""Pages of our own: where each stands in the navigation, who may see it, what it shows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from qlmodels.logins import PanelRole
from qlmodels_admin.alerts import Network
from qlmodels_admin.auth import EVERYBODY
from qlmodels_admin.db import Cached
from qlmodels_admin.jobs import Scheduler
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live import LiveFleet
from qlmodels_admin.pages.database.doctor_report import DoctorReport

NO_AGENT_TYPES: Final = "No agent type exists yet."

Group = Literal["Learning", "Inspect", "Data"]
"""Is my fleet learning? Why does this one behave so? What is in the tables?"""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page may read from."""

    engine: AsyncEngine
    learning: CachedVerdicts
    fleet: LiveFleet
    doctor_report: Cached[DoctorReport]
    scheduler: Scheduler
    alert_networks: Sequence[Network]


class InvalidForm(Exception):
    """A form that is not accepted: its page is shown again with a message and the fields."""

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


Answer = Callable[[Sources, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """`read` answers a GET of `path` with what `template` shows; the route's name is `name`.

    `parts` answer below it by themselves: `stream` of `fleet` is the route `fleet.stream`. `acts`
    are POSTs below it, and for those alone who may see it and are WRITERS; one that raises
    InvalidForm is answered by the page, which reads `invalid_form_of`.
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


def invalid_form_of(request: Request) -> InvalidForm | None:
    """Return the form that was not accepted, where the page answers it."""
    return getattr(request.state, "invalid_form", None)
