"""Signed-in browsers: a random token in the cookie, its hash and its end in the database."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request

from qlmodels.ddl.panel_tables import panel_sessions, sign_in_links, users
from qlmodels.errors import QLModelsError
from qlmodels.logins import SESSION_MAX_TTL, PanelRole, token_hash
from qlmodels_admin.values import without_nul

SESSION_COOKIE = "qlmodels_panel"

SESSION_IDLE_TTL = timedelta(hours=1)
"""How long a session lasts unused."""

RENEWAL_INTERVAL = timedelta(minutes=1)
"""A session is renewed no more often than this, so that reading pages does not write rows."""


CONFIRMATION_TTL = timedelta(minutes=10)
"""How long a user may change other users after proving who they are."""

MAX_BROWSER_CHARS = 300

_WHO = text("select set_config('app.panel_user', :user, true)")
"""Tells the audit log who ends a session."""


class UserGone(QLModelsError):
    """This user was removed or deactivated meanwhile. Ask an admin of the panel."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a user signs in from, as the list of sessions shows it."""

    address: str | None = None
    browser: str | None = None

    @classmethod
    def of(cls, request: Request) -> Self:
        browser = without_nul(request.headers.get("user-agent", ""))[:MAX_BROWSER_CHARS]
        return cls(request.client.host if request.client else None, browser or None)


@dataclass(frozen=True, slots=True)
class PanelUser:
    """The user who makes a request."""

    name: str
    role: PanelRole
    has_password: bool = False
    is_own: bool = False
    """Whether the user is a row of the panel's own, not a user of the application around it."""
    issuer: str | None = None
    """The OpenID provider that signs the user in."""


async def begin(connection: AsyncConnection, user: str, device: Device | None = None) -> str:
    """Sign `user` in: the token for the cookie.

    Raises UserGone. The user's row is locked, so that deactivating the user ends this session too.
    """
    device = device or Device()
    found = await connection.execute(
        update(users).where(users.c.name == user, users.c.is_active).values(signed_in_at=func.now())
    )
    if not found.rowcount:
        raise UserGone
    token = secrets.token_urlsafe(32)
    await connection.execute(
        insert(panel_sessions).values(
            token_hash=token_hash(token),
            user_name=user,
            expires_at=func.now() + SESSION_IDLE_TTL,
            address=device.address,
            browser=device.browser,
        )
    )
    await connection.execute(delete(panel_sessions).where(panel_sessions.c.expires_at < func.now()))
    await connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at < func.now()))
    return token


async def find(engine: AsyncEngine, token: str) -> PanelUser | None:
    """The active user whose session this is, if it has not ended. Renews the session."""
    session = panel_sessions.c
    lives = (session.token_hash == token_hash(token)) & (session.expires_at > func.now())
    async with engine.begin() as connection:
        row = (
            await connection.execute(
                select(
                    users.c.name,
                    users.c.role,
                    users.c.issuer,
                    users.c.password_hash.is_not(None).label("has_password"),
                    (session.expires_at < func.now() + SESSION_IDLE_TTL - RENEWAL_INTERVAL).label(
                        "due"
                    ),
                )
                .join_from(panel_sessions, users)
                .where(lives, users.c.is_active, session.created_at > func.now() - SESSION_MAX_TTL)
            )
        ).one_or_none()
        if row is None:
            return None
        if row.due:
            await connection.execute(
                update(panel_sessions).where(lives).values(expires_at=func.now() + SESSION_IDLE_TTL)
            )
    return PanelUser(row.name, row.role, row.has_password, is_own=True, issuer=row.issuer)


async def end(connection: AsyncConnection, token: str) -> None:
    """End the session of the token; its user signs out."""
    of_token = panel_sessions.c.token_hash == token_hash(token)
    user = await connection.scalar(select(panel_sessions.c.user_name).where(of_token))
    await connection.execute(_WHO, {"user": user})
    await connection.execute(delete(panel_sessions).where(of_token))


async def confirm(connection: AsyncConnection, session: bytes, user: str) -> bool:
    """Note that `user` proved again who they are; False where it is not their session any more."""
    confirmed = await connection.execute(
        update(panel_sessions)
        .where(panel_sessions.c.token_hash == session, panel_sessions.c.user_name == user)
        .values(confirmed_at=func.now())
    )
    return bool(confirmed.rowcount)


async def is_confirmed(engine: AsyncEngine, token: str) -> bool:
    """Return whether the session's user proved who they are within CONFIRMATION_TTL."""
    session = panel_sessions.c
    async with engine.connect() as connection:
        return bool(
            await connection.scalar(
                select(session.confirmed_at > func.now() - CONFIRMATION_TTL).where(
                    session.token_hash == token_hash(token)
                )
            )
        )


async def end_others(connection: AsyncConnection, user: str, token: str) -> None:
    """End every session of `user` but the one with this token."""
    await connection.execute(
        delete(panel_sessions).where(
            panel_sessions.c.user_name == user,
            panel_sessions.c.token_hash != token_hash(token),
        )
    )


async def follow_link(connection: AsyncConnection, token: str) -> str | None:
    """Use a sign-in link up: the user it is for, or None if it is spent, old or unknown.

    A user of an OpenID provider signs in there alone, so that their role is read again.
    """
    user = await connection.scalar(
        delete(sign_in_links)
        .where(
            sign_in_links.c.token_hash == token_hash(token),
            sign_in_links.c.expires_at > func.now(),
        )
        .returning(sign_in_links.c.user_name)
    )
    if user is None:
        return None
    return await connection.scalar(
        select(users.c.name).where(
            users.c.name == user, users.c.is_active, users.c.issuer.is_(None)
        )
    )
