"""Users of the panel, made by the database's owner; the panel itself cannot add any."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import asyncpg

from qlmodels.errors import QLModelsError

PanelRole = Literal["viewer", "editor", "admin"]

LINK_TTL = timedelta(hours=1)


class UserExists(QLModelsError):
    """There is a panel user of this name already: choose another name."""


class NoSuchUser(QLModelsError):
    """There is no panel user of this name: see `qlmodels user list`."""


def token_hash(token: str) -> bytes:
    """What the database keeps of a token, so that reading it signs nobody in."""
    return hashlib.sha256(token.encode()).digest()


async def add_user(
    owner: asyncpg.Connection, name: str, role: PanelRole, password_hash: str | None = None
) -> None:
    """Add a user; without a password hash (argon2) only a sign-in link lets them in.

    Raises UserExists.
    """
    try:
        await owner.execute(
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
    signed_in_at: datetime | None


async def list_users(owner: asyncpg.Connection) -> list[User]:
    """Everybody who may sign in, by name."""
    rows = await owner.fetch(
        "select name, role, password_hash is not null as has_password, is_active, signed_in_at "
        "from qlmodels_admin.users order by name"
    )
    return [User(**row) for row in rows]


async def create_sign_in_link(
    owner: asyncpg.Connection, user: str, life: timedelta = LINK_TTL
) -> str:
    """A token that signs `user` in once at `/admin/sign-in?token=...`. Raises NoSuchUser."""
    token = secrets.token_urlsafe(32)
    try:
        await owner.execute(
            "insert into qlmodels_admin.sign_in_links (token_hash, user_name, expires_at) "
            "values ($1, $2, now() + $3)",
            token_hash(token),
            user,
            life,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise NoSuchUser(
            f"There is no panel user {user!r}, so a link would let nobody in: "
            f"add one with `qlmodels user add {user} --role admin`."
        ) from error
    return token


async def anyone_can_sign_in(owner: asyncpg.Connection) -> bool:
    """Whether some active user has a password; without one, only links let anybody in."""
    return bool(
        await owner.fetchval(
            "select exists (select from qlmodels_admin.users "
            "where is_active and password_hash is not null)"
        )
    )
