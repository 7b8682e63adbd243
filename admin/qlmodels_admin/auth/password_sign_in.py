"""Signing in and out: by password, or once by a link."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from markupsafe import Markup
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from qlmodels.ddl.panel_tables import users
from qlmodels.errors import QLModelsError
from qlmodels.logins import MAX_USER_NAME_CHARS, token_hash
from qlmodels_admin.auth import passwords, sessions, throttle
from qlmodels_admin.auth.authentication import (
    Authentication,
    current_user,
    local_path,
    path_of,
)
from qlmodels_admin.auth.cookies import cookie_path, set_session_cookie
from qlmodels_admin.auth.sessions import SESSION_COOKIE, Device, PanelUser
from qlmodels_admin.auth.throttle import Attempt, AttemptLimit, TooManyAttempts
from qlmodels_admin.values import unstorable
from qlmodels_admin.web import ConcurrencyLimit, TooBusy, notice_query, see_other

if TYPE_CHECKING:
    from qlmodels_admin.auth.oidc.client import ProviderClient

COUNTED_AT_ONCE: Final = 2
"""Attempts that ask the database at one time, so that guesses leave connections for pages."""

FOLLOWED_AGAIN: Final = Markup(
    '<!doctype html><html lang="en"><title>qlmodels</title><p><a href="{}">Go on</a></p></html>'
)

WAITING_TO_BE_COUNTED: Final = 200
WAITING_TO_BE_COMPARED: Final = 16


class SignInRefused(QLModelsError):
    """You are not signed in: sign in, then try again."""

    def __init__(self, message: str, status: int, wait: float = 0) -> None:
        super().__init__(message)
        self.status = status
        self.wait = wait


class PasswordSignIn(Authentication):
    """Sessions live in the database, so that signing out ends them."""

    def __init__(self, engine: AsyncEngine, provider: "ProviderClient | None" = None) -> None:
        super().__init__()
        self.engine = engine
        self.provider = provider
        self._counting = ConcurrencyLimit(COUNTED_AT_ONCE, WAITING_TO_BE_COUNTED)
        self._comparing = ConcurrencyLimit(1, WAITING_TO_BE_COMPARED)

    async def find_user(self, request: Request) -> PanelUser | None:
        token = request.cookies.get(SESSION_COOKIE)
        return await sessions.find(self.engine, token) if token else None

    async def login(self, request: Request) -> Response:
        """Check name and password of the form. Raises SignInRefused."""
        form = await request.form()
        name, password = str(form.get("username", "")), str(form.get("password", ""))
        counted_under = throttle.keys_of(name, _address(request))
        async with self._attempt(counted_under, "passwords") as attempt:
            if not await self._is_right(name, password):
                raise SignInRefused("Name or password is wrong.", 400)
            await self._take_back(attempt)
        try:
            async with self.engine.begin() as connection:
                token = await sessions.begin(connection, name, Device.of(request))
        except sessions.UserGone as error:
            raise SignInRefused(str(error), 400) from error
        return self._signed_in(request, token, str(form.get("next", "")))

    async def follow_link(self, request: Request) -> Response:
        """Sign in the user whose link this is. Raises SignInRefused."""
        form = await request.form()
        key = throttle.ADDRESS.key(throttle.network_of(_address(request)))
        async with self._attempt({throttle.ADDRESS: key}, "links") as attempt:
            async with self.engine.begin() as connection:
                user = await sessions.follow_link(connection, str(form.get("token", "")))
                token = await sessions.begin(connection, user, Device.of(request)) if user else None
            if token is None:
                raise SignInRefused(
                    "This link was used already, or is too old: ask for a new one with "
                    "`qlmodels user link NAME`.",
                    400,
                )
            await self._take_back(attempt)
        return self._signed_in(request, token, "")

    @asynccontextmanager
    async def _attempt(
        self, keys: Mapping[AttemptLimit, bytes], kind: str
    ) -> AsyncIterator[Attempt]:
        """Count an attempt before anything is compared. Raises SignInRefused.

        One that was counted and finds too many waiting to be compared is taken back: it counts
        only if an answer was given.
        """
        try:
            async with self._counting.place():
                attempt = await throttle.admit(self.engine, keys)
        except TooManyAttempts as error:
            message = f"Too many wrong {kind}: try again in {int(error.wait) + 1} seconds."
            raise SignInRefused(message, 429, error.wait) from error
        except TooBusy as error:
            raise SignInRefused(str(error), 503, error.wait) from error
        try:
            async with self._comparing.place():
                yield attempt
        except TooBusy as error:
            await self._take_back(attempt, clears=False)
            raise SignInRefused(str(error), 503, error.wait) from error

    async def _take_back(self, attempt: Attempt, *, clears: bool = True) -> None:
        await throttle.take_back(self.engine, attempt, clears=clears)

    async def logout(self, request: Request) -> Response:
        if token := request.cookies.get(SESSION_COOKIE):
            async with self.engine.begin() as connection:
                await sessions.end(connection, token)
        path = request.url_for("admin:login").path
        response = see_other(f"{path}?{notice_query('signed_out')}")
        response.delete_cookie(SESSION_COOKIE, path=cookie_path(request))
        return response

    async def set_password(self, request: Request, old: str, new: str) -> None:
        """Change the password of who asks, and sign their other browsers out.

        Raises SignInRefused, PasswordUnfit.
        """
        user = current_user(request)
        if user.issuer is not None:
            raise SignInRefused(f"You sign in at {user.issuer}, which keeps your password.", 400)
        if user.has_password:
            await self.check_password(user, old)
        new_hash = await passwords.hash_in_thread(new)
        async with self.engine.begin() as connection:
            await connection.execute(
                text("select set_config('app.panel_user', :user, true)"), {"user": user.name}
            )
            await connection.execute(
                update(users).where(users.c.name == user.name).values(password_hash=new_hash)
            )
            await sessions.end_others(connection, user.name, request.cookies[SESSION_COOKIE])

    async def is_confirmed(self, request: Request) -> bool:
        """Return whether the session's user proved lately who they are."""
        return await sessions.is_confirmed(self.engine, request.cookies[SESSION_COOKIE])

    async def confirm(self, request: Request, password: str) -> None:
        """Let the session's user change other users for a while. Raises SignInRefused."""
        user = current_user(request)
        if user.issuer is not None:
            raise SignInRefused(f"Sign in again at {user.issuer} first.", 400)
        if not user.has_password or not password:
            raise SignInRefused("Give your password again.", 400)
        await self.check_password(user, password)
        session = token_hash(request.cookies[SESSION_COOKIE])
        async with self.engine.begin() as connection:
            await sessions.confirm(connection, session, user.name)

    async def check_password(self, user: PanelUser, password: str) -> None:
        """Compare the password of a user who is signed in. Raises SignInRefused."""
        counted_under = {throttle.OWN_PASSWORD: throttle.OWN_PASSWORD.key(user.name)}
        async with self._attempt(counted_under, "passwords") as attempt:
            if not await self._is_right(user.name, password):
                raise SignInRefused("The present password is wrong.", 400)
            await self._take_back(attempt)

    async def _is_right(self, name: str, password: str) -> bool:
        known = None
        if unstorable(name) is None and len(name) <= MAX_USER_NAME_CHARS:
            async with self.engine.connect() as connection:
                known = await connection.scalar(
                    select(users.c.password_hash).where(users.c.name == name, users.c.is_active)
                )
        return await passwords.matches(known, password)

    def _signed_in(self, request: Request, token: str, wanted: str) -> Response:
        response = RedirectResponse(local_path(request, wanted), 303)
        set_session_cookie(request, response, token)
        return response

    def to_sign_in(self, request: Request) -> Response:
        """Redirect to the sign-in page; a link on another site is followed once more from here.

        Browsers send no SameSite=Strict cookie to a page that another site leads to.
        """
        wanted = path_of(request)
        is_foreign = request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
        is_page = request.headers.get("sec-fetch-mode") == "navigate"
        if is_foreign and is_page and SESSION_COOKIE not in request.cookies:
            return followed_again(wanted)
        url = request.url_for("admin:login")
        return RedirectResponse(f"{url.path}?{url.include_query_params(next=wanted).query}", 303)


def followed_again(path: str) -> Response:
    """Return a page that leads to `path` from this origin, so that browsers send the cookie."""
    return HTMLResponse(FOLLOWED_AGAIN.format(path), headers={"Refresh": f"0; url={path}"})


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
