"""Users of the application that the panel is mounted in: it says who makes a request."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from qlmodels.logins import MAX_USER_NAME_CHARS
from qlmodels_admin.auth.authentication import Authentication, path_of
from qlmodels_admin.auth.roles import EVERYBODY
from qlmodels_admin.auth.sessions import PanelUser
from qlmodels_admin.values import unstorable

Authenticate = Callable[[Request], Awaitable[PanelUser | None]]
"""Returns the user of a request; None where it has none."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostPages:
    """Addresses of the application where its users sign in, and see their account."""

    sign_in: str | None = None
    account: str | None = None


class HostUsers(Authentication):
    """Asks the application on every request. The panel keeps no row of its users."""

    def __init__(self, authenticate: Authenticate, host_pages: HostPages) -> None:
        super().__init__()
        self.host_pages = host_pages
        self._authenticate = authenticate

    async def find_user(self, request: Request) -> PanelUser | None:
        """Return the user that the application names; None, and a line in the log, where it fails
        or names a user that the panel cannot have."""
        try:
            user = await self._authenticate(request)
        except Exception:
            log.exception("authenticate= failed, so the request was refused.")
            return None
        if user is None:
            return None
        if reason := _unfit(user):
            log.error("authenticate= named a user that cannot sign in: %s", reason)
            return None
        return user

    def to_sign_in(self, request: Request) -> Response:
        if self.host_pages.sign_in is None:
            raise HTTPException(401, "You are not signed in. Sign in to the application first.")
        separator = "&" if "?" in self.host_pages.sign_in else "?"
        query = urlencode({"next": path_of(request)})
        return RedirectResponse(f"{self.host_pages.sign_in}{separator}{query}", 303)


def _unfit(user: object) -> str | None:
    """Return why it is no user of the panel; None if it is one."""
    if not isinstance(user, PanelUser):
        return f"it returned a {type(user).__name__} and not a PanelUser."
    if not isinstance(user.name, str) or not 0 < len(user.name) <= MAX_USER_NAME_CHARS:
        return f"its name has 1 to {MAX_USER_NAME_CHARS} characters."
    if unstorable(user.name) is not None:
        return "its name holds characters that Postgres cannot store."
    if user.role not in EVERYBODY:
        return f"role {user.role!r} is not one of {', '.join(sorted(EVERYBODY))}."
    return None
