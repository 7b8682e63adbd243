"""Signed-in browsers: a random token in the cookie, its hash and its end in the database."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels.ddl.panel_tables import panel_sessions, sign_in_links, users
from qlmodels.logins import PanelRole, token_hash

SESSION_COOKIE = "qlmodels_panel"

MAX_NAME_CHARS = 100
"""Characters of a user's name."""

SESSION_IDLE_TTL = timedelta(hours=1)
"""How long a session lasts unused."""

SESSION_MAX_TTL = timedelta(hours=12)
"""After this time one signs in again, used or not."""

RENEWAL_INTERVAL = timedelta(minutes=1)
"""A session is renewed no more often than this, so that reading pages does not write rows."""


@dataclass(frozen=True, slots=True)
class PanelUser:
    """The user who makes a request."""

    name: str
    role: PanelRole
    has_password: bool = False
    is_own: bool = False
    """Whether the user is a row of the panel's own, not a user of the application around it."""


async def begin(connection: AsyncConnection, user: str) -> str:
    """Sign `user` in: the token for the cookie."""
    token = secrets.token_urlsafe(32)
    await connection.execute(
        insert(panel_sessions).values(
            token_hash=token_hash(token), user_name=user, expires_at=func.now() + SESSION_IDLE_TTL
        )
    )
    await connection.execute(
        update(users).where(users.c.name == user).values(signed_in_at=func.now())
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
    return PanelUser(row.name, row.role, row.has_password, is_own=True)


async def end(connection: AsyncConnection, token: str) -> None:
    await connection.execute(
        delete(panel_sessions).where(panel_sessions.c.token_hash == token_hash(token))
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
    """Use a sign-in link up: the user it is for, or None if it is spent, old or unknown."""
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
        select(users.c.name).where(users.c.name == user, users.c.is_active)
    )
