"""What admins do to users: each act is one transaction, in the audit log with the admin's name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg
from starlette.datastructures import FormData

from qlmodels import logins
from qlmodels.errors import QLModelsError
from qlmodels.logins import PanelRole
from qlmodels_admin.auth import ROLES_BY_RANK

MAX_QUOTED_ROLE_CHARS: Final = 40

Done = Callable[[asyncpg.Connection, str, FormData], Awaitable[str | None]]
"""Changes the user of this name, and returns the token of a sign-in link if one was made."""


@dataclass(frozen=True, slots=True)
class UserAct:
    """`label` says what is done, as its button and the audit log have it."""

    label: str
    do: Done
    notice: str = "user"
    removes: bool = False


async def _add(connection: asyncpg.Connection, name: str, form: FormData) -> str | None:
    await logins.add_user(connection, name, _role(form))
    return await logins.create_sign_in_link(connection, name)


async def _set_role(connection: asyncpg.Connection, name: str, form: FormData) -> None:
    await logins.set_role(connection, name, _role(form))


async def _activate(connection: asyncpg.Connection, name: str, _: FormData) -> None:
    await logins.activate_user(connection, name)


async def _deactivate(connection: asyncpg.Connection, name: str, _: FormData) -> None:
    await logins.deactivate_user(connection, name)


async def _remove(connection: asyncpg.Connection, name: str, _: FormData) -> None:
    await logins.remove_user(connection, name)


async def _link(connection: asyncpg.Connection, name: str, _: FormData) -> str | None:
    return await logins.create_sign_in_link(connection, name)


async def _reset(connection: asyncpg.Connection, name: str, _: FormData) -> str | None:
    return await logins.reset_password(connection, name)


async def _connect(connection: asyncpg.Connection, name: str, form: FormData) -> None:
    issuer, subject = str(form.get("issuer", "")), str(form.get("subject", ""))
    await logins.connect_user(connection, name, issuer.strip(), subject.strip())


async def _disconnect(connection: asyncpg.Connection, name: str, _: FormData) -> None:
    await logins.disconnect_user(connection, name)


async def _end_sessions(connection: asyncpg.Connection, name: str, form: FormData) -> None:
    session = form.get("session")
    await logins.end_sessions(connection, name, None if session is None else str(session))


def _role(form: FormData) -> PanelRole:
    name = str(form.get("role", ""))[:MAX_QUOTED_ROLE_CHARS]
    roles: Mapping[str, PanelRole] = {role: role for role in ROLES_BY_RANK}
    if name not in roles:
        raise QLModelsError(f"{name!r} is not a role. Choose {', '.join(ROLES_BY_RANK)}.")
    return roles[name]


USER_ACTS: Final[Mapping[str, UserAct]] = {
    "add": UserAct("add user", _add),
    "role": UserAct("change role", _set_role),
    "activate": UserAct("activate user", _activate),
    "deactivate": UserAct("deactivate user", _deactivate),
    "remove": UserAct("remove user", _remove, notice="user_removed", removes=True),
    "link": UserAct("create sign-in link", _link),
    "reset": UserAct("reset password", _reset),
    "connect": UserAct("connect identity", _connect),
    "disconnect": UserAct("disconnect identity", _disconnect),
    "sign-out": UserAct("end sessions", _end_sessions, notice="sessions_ended"),
}
"""By the last part of their paths."""
