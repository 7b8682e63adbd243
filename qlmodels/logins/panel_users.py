"""Users of the panel: made and changed by the owner of the database, or by an admin in the panel.

Each function takes a connection of either, and is one statement or one transaction.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import asyncpg

from qlmodels.errors import QLModelsError
from qlmodels.files import sql_of
from qlmodels.storable_text import unstorable

query = sql_of("qlmodels.logins")

PanelRole = Literal["viewer", "editor", "admin"]

LINK_TTL = timedelta(hours=1)
MAX_USER_NAME_CHARS: Final = 100

SESSION_MAX_TTL = timedelta(hours=12)
"""After this time one signs in again, whether the session was used or not."""


class BadUserName(QLModelsError):
    """A user's name has 1 to 100 characters, none of them a line break. Choose another name."""


class UserExists(QLModelsError):
    """There is a panel user of this name already: choose another name."""


class NoSuchUser(QLModelsError):
    """There is no panel user of this name: see `qlmodels user list`."""


class LastAdmin(QLModelsError):
    """The panel would have no active admin. Make another user an admin first."""


class UserIsConnected(QLModelsError):
    """The user signs in at an OpenID provider alone. Disconnect the user first."""


class UserIsInactive(QLModelsError):
    """The user is deactivated, so a link would not sign them in. Activate the user first."""


class IdentityTaken(QLModelsError):
    """Another user of the panel is connected to this identity. Disconnect that user first."""


def token_hash(token: str) -> bytes:
    """What the database keeps of a token, so that reading it signs nobody in."""
    return hashlib.sha256(token.encode()).digest()


async def add_user(
    connection: asyncpg.Connection, name: str, role: PanelRole, password_hash: str | None = None
) -> None:
    """Add a user; without a password hash (argon2) only a sign-in link lets them in.

    Raises BadUserName, UserExists.
    """
    is_fit = len(name.strip()) > 0 and len(name) <= MAX_USER_NAME_CHARS and name.isprintable()
    if not is_fit or unstorable(name) is not None:
        raise BadUserName
    try:
        await connection.execute(
            "insert into qlmodels_admin.users (name, role, password_hash) values ($1, $2, $3)",
            name,
            role,
            password_hash,
        )
    except asyncpg.UniqueViolationError as error:
        raise UserExists(
            f"There is a panel user {name!r} already: choose another name, or let "
            "them in with a new sign-in link."
        ) from error


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: PanelRole
    has_password: bool
    is_active: bool
    created_at: datetime
    signed_in_at: datetime | None
    issuer: str | None
    subject: str | None
    sessions: int
    """Browsers in which the user is signed in."""


@dataclass(frozen=True, slots=True)
class UserSession:
    """A browser in which a user is signed in; `session_id` is 16 hexadecimal digits."""

    session_id: str
    created_at: datetime
    expires_at: datetime
    address: str | None
    browser: str | None


async def list_users(connection: asyncpg.Connection, name: str | None = None) -> list[User]:
    """Everybody who may sign in, by name; or the one user of this name."""
    return [
        User(**row) for row in await connection.fetch(query("list_users"), name, SESSION_MAX_TTL)
    ]


async def find_user(connection: asyncpg.Connection, name: str) -> User:
    """Raises NoSuchUser."""
    found = await list_users(connection, name) if unstorable(name) is None else []
    if not found:
        raise NoSuchUser(f"There is no panel user {name!r}: see `qlmodels user list`.")
    return found[0]


async def set_role(connection: asyncpg.Connection, name: str, role: PanelRole) -> None:
    """Change what the user may do. Raises NoSuchUser, LastAdmin, UserIsConnected."""
    if (await find_user(connection, name)).issuer is not None:
        raise UserIsConnected(
            f"The groups of {name!r} at the OpenID provider decide the role at each sign-in. "
            "Change them there, or disconnect the user first."
        )
    await _change(connection, "role = $2", name, role)


async def activate_user(connection: asyncpg.Connection, name: str) -> None:
    """Let a user sign in again. Raises NoSuchUser."""
    await _change(connection, "is_active = true", name)


async def deactivate_user(connection: asyncpg.Connection, name: str) -> None:
    """Let a user not sign in, and end their sessions. Raises NoSuchUser, LastAdmin."""
    await _change(connection, "is_active = false", name)


async def remove_user(connection: asyncpg.Connection, name: str) -> None:
    """Remove a user; what they did stays in the audit log. Raises NoSuchUser, LastAdmin."""
    await find_user(connection, name)
    await _execute(connection, "delete from qlmodels_admin.users where name = $1", name)


async def reset_password(connection: asyncpg.Connection, name: str) -> str:
    """Remove the password, end all sessions, and return the token of a new sign-in link.

    Raises NoSuchUser, UserIsConnected, UserIsInactive.
    """
    async with connection.transaction():
        await _change(connection, "password_hash = null", name)
        await connection.execute(
            "delete from qlmodels_admin.sign_in_links where user_name = $1", name
        )
        await end_sessions(connection, name)
        return await create_sign_in_link(connection, name)


async def connect_user(
    connection: asyncpg.Connection, name: str, issuer: str, subject: str
) -> None:
    """Have an identity of an OpenID provider sign in as this user, and nothing else.

    The password is removed, and all sessions end. Raises NoSuchUser, IdentityTaken.
    """
    if not issuer.strip() or not subject.strip() or unstorable(issuer + subject) is not None:
        raise QLModelsError("An identity is an issuer and a subject. Write both.")
    try:
        await _change(
            connection, "issuer = $2, subject = $3, password_hash = null", name, issuer, subject
        )
    except asyncpg.UniqueViolationError as error:
        raise IdentityTaken from error


async def disconnect_user(connection: asyncpg.Connection, name: str) -> None:
    """Make a user local again, who needs a sign-in link then. Raises NoSuchUser."""
    await _change(connection, "issuer = null, subject = null", name)


async def list_sessions(connection: asyncpg.Connection, name: str) -> list[UserSession]:
    """The browsers in which the user is signed in, the last sign-in first. Raises NoSuchUser."""
    await find_user(connection, name)
    rows = await connection.fetch(query("list_sessions"), name, SESSION_MAX_TTL)
    return [UserSession(**row) for row in rows]


async def end_sessions(
    connection: asyncpg.Connection, name: str, session_id: str | None = None
) -> int:
    """Sign the user out of one browser, or of all: how many. Raises NoSuchUser."""
    await find_user(connection, name)
    return len(await connection.fetch(query("end_sessions"), name, session_id))


async def create_sign_in_link(
    connection: asyncpg.Connection, name: str, life: timedelta = LINK_TTL
) -> str:
    """A token that signs the user in once at `/admin/sign-in?token=...`.

    Raises NoSuchUser, UserIsConnected, UserIsInactive.
    """
    token = secrets.token_urlsafe(32)
    try:
        user = await find_user(connection, name)
    except NoSuchUser as error:
        raise NoSuchUser(
            f"There is no panel user {name!r}, so a link would let nobody in: "
            f"add one with `qlmodels user add {name} --role admin`."
        ) from error
    if user.issuer is not None:
        raise UserIsConnected(
            f"{name!r} signs in at {user.issuer} alone, so a link would not work. Disconnect the "
            "user first."
        )
    if not user.is_active:
        raise UserIsInactive
    await connection.execute(
        "insert into qlmodels_admin.sign_in_links (token_hash, user_name, expires_at) "
        "values ($1, $2, now() + $3)",
        token_hash(token),
        name,
        life,
    )
    return token


async def anyone_can_sign_in(owner: asyncpg.Connection) -> bool:
    """Whether an active user has a password or a provider; else only links let users in."""
    return bool(
        await owner.fetchval(
            "select exists (select from qlmodels_admin.users "
            "where is_active and (password_hash is not null or issuer is not null))"
        )
    )


async def _change(connection: asyncpg.Connection, change: str, name: str, *values: Any) -> None:
    await find_user(connection, name)
    statement = f"update qlmodels_admin.users set {change} where name = $1"  # noqa: S608
    await _execute(connection, statement, name, *values)


async def _execute(connection: asyncpg.Connection, statement: str, *values: Any) -> None:
    """Raises LastAdmin."""
    try:
        await connection.execute(statement, *values)
    except asyncpg.CheckViolationError as error:
        raise LastAdmin(
            f"{values[0]!r} is the last active admin of the panel, so nothing was changed. Make "
            "another user an admin first."
        ) from error
