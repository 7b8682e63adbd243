"""The panel's users behind identities of the provider: found, made, their roles kept up to date."""

from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels.logins import MAX_USER_NAME_CHARS, NoSuchUser, PanelRole, end_sessions
from qlmodels_admin.auth import sessions
from qlmodels_admin.auth.oidc.client import Identity, IdentityRefused
from qlmodels_admin.auth.sessions import Device
from qlmodels_admin.db import asyncpg_connection, statements_of, write_transaction
from qlmodels_admin.values import unstorable

query = statements_of(__package__)

NAME_CLAIMS: Final = ("preferred_username", "name", "sub")
"""Claims that name a new user, the first that can. An e-mail address never identifies one."""


async def sign_in(
    engine: AsyncEngine, identity: Identity, role: PanelRole | None, device: Device
) -> str:
    """Sign in the user of the identity, with the role of their groups: the token for the cookie.

    A user who is not known yet is made. Raises IdentityRefused.
    """
    name = await _user_of(engine, identity, role)
    try:
        async with engine.begin() as connection:
            return await sessions.begin(connection, name, device)
    except sessions.UserGone as error:
        raise IdentityRefused(str(error)) from error


async def confirm(
    engine: AsyncEngine, identity: Identity, role: PanelRole | None, session: bytes
) -> None:
    """Note that the session's user signed in again. Raises IdentityRefused."""
    name = await _user_of(engine, identity, role)
    async with engine.begin() as connection:
        if not await sessions.confirm(connection, session, name):
            raise IdentityRefused(
                f"You signed in at {identity.issuer} as another user than in the panel. "
                "Sign in there as the same user."
            )


async def _user_of(engine: AsyncEngine, identity: Identity, role: PanelRole | None) -> str:
    """Return the name of the identity's user, who has `role` from now on. Raises IdentityRefused.

    A user without a role is signed out everywhere.
    """
    known = await _known(engine, identity)
    if role is None:
        if known is not None:
            async with write_transaction(engine, known.name, "no group with a role") as writing:
                with suppress(NoSuchUser):  # removed meanwhile, and the sessions with them
                    await end_sessions(await asyncpg_connection(writing), known.name)
        raise IdentityRefused(
            f"None of your groups at {identity.issuer} has a role in this panel. Ask an admin of "
            "the panel to let one of them in."
        )
    if known is None:
        return await _added(engine, identity, role)
    if not known.is_active:
        raise IdentityRefused("Your user was deactivated. Ask an admin of the panel.")
    if known.role != role:
        await _change_role(engine, identity, known.name, role)
    return str(known.name)


async def _known(engine: AsyncEngine, identity: Identity) -> Row[Any] | None:
    values = {"issuer": identity.issuer, "subject": identity.subject}
    async with engine.connect() as connection:
        return (await connection.execute(query("find_user"), values)).one_or_none()


async def _change_role(engine: AsyncEngine, identity: Identity, name: str, role: PanelRole) -> None:
    try:
        async with write_transaction(engine, name, f"groups at {identity.issuer}") as writing:
            await writing.execute(query("update_role"), {"name": name, "role": role})
    except IntegrityError as error:
        raise IdentityRefused(
            "You are the last admin of the panel, and none of your groups makes you one now. Make "
            "another admin first, for example with `qlmodels user add NAME --role admin`."
        ) from error


async def _added(engine: AsyncEngine, identity: Identity, role: PanelRole) -> str:
    """Return the name of a new user. Raises IdentityRefused where another one has the name."""
    name = _name_of(identity)
    values = {"name": name, "role": role, "issuer": identity.issuer, "subject": identity.subject}
    async with write_transaction(engine, name, f"first sign-in at {identity.issuer}") as writing:
        added = await writing.execute(query("add_user"), values)
    if added.rowcount:
        return name
    known = await _known(engine, identity)  # made by another request at the same time
    if known is None:
        raise IdentityRefused(
            f"Another user of the panel is called {name}. An admin of the panel can connect that "
            f"user to your identity, issuer {identity.issuer}, subject {identity.subject}."
        )
    return str(known.name)


def _name_of(identity: Identity) -> str:
    for claim in NAME_CLAIMS:
        text = identity.claims.get(claim)
        if isinstance(text, str) and text.strip() and unstorable(text) is None:
            return text.strip()[:MAX_USER_NAME_CHARS]
    raise IdentityRefused("The provider names you by nothing that the panel can keep.")
