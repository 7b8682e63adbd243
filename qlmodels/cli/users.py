"""Commands that say who may sign in to the panel."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from qlmodels import logins
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect
from qlmodels.logins import PanelRole, User, UserSession

app = typer.Typer(no_args_is_help=True, help="Users of the panel.")

T = TypeVar("T")
UserName = Annotated[str, typer.Argument(help="The user's name.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[PanelRole, typer.Option(help="What the user may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Ask for no password: print a sign-in link.")
    ] = False,
) -> None:
    """Let a user sign in; asks for the password unless it is on standard input."""
    if link and password_stdin:
        raise typer.BadParameter("--link and --password-stdin exclude each other. Give one.")
    if link:
        token = _run(lambda owner: _add_with_link(owner, name, role))
        typer.echo(f"{name} may sign in as {role}, once by /admin/sign-in?token={token}")
        return
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    _run(lambda owner: logins.add_user(owner, name, role, logins.hash_password(password)))
    typer.echo(f"{name} may sign in as {role}.")


@app.command("list")
def list_() -> None:
    """Show who may sign in, and as what."""
    table = Table("name", "role", "signs in by", "active", "sessions", "last sign-in")
    for user in _run(logins.list_users):
        table.add_row(
            user.name,
            user.role,
            _means(user),
            "yes" if user.is_active else "no",
            str(user.sessions),
            f"{user.signed_in_at:%Y-%m-%d %H:%M}" if user.signed_in_at else "never",
        )
    Console().print(table)


@app.command()
def link(name: Annotated[str, typer.Argument(help="Whom the link signs in.")]) -> None:
    """Print a path of the panel that signs a user in once, within the hour."""
    token = _run(lambda owner: logins.create_sign_in_link(owner, name))
    typer.echo(f"/admin/sign-in?token={token}")


@app.command()
def role(
    name: UserName, role: Annotated[PanelRole, typer.Argument(help="What the user may do.")]
) -> None:
    """Change what a user may do, from their next request on."""
    _run(lambda owner: logins.set_role(owner, name, role))
    typer.echo(f"{name} may sign in as {role}.")


@app.command()
def deactivate(name: UserName) -> None:
    """Sign a user out everywhere, and let them not sign in until they are activated."""
    _run(lambda owner: logins.deactivate_user(owner, name))
    typer.echo(f"{name} may not sign in any more.")


@app.command()
def activate(name: UserName) -> None:
    """Let a deactivated user sign in again."""
    _run(lambda owner: logins.activate_user(owner, name))
    typer.echo(f"{name} may sign in again.")


@app.command()
def remove(name: UserName) -> None:
    """Remove a user. What they did stays in the audit log."""
    _run(lambda owner: logins.remove_user(owner, name))
    typer.echo(f"Removed user {name}. The audit log was kept.")


@app.command("reset-password")
def reset_password(name: UserName) -> None:
    """Remove a user's password, sign them out everywhere, and print a sign-in link."""
    token = _run(lambda owner: logins.reset_password(owner, name))
    typer.echo(f"/admin/sign-in?token={token}")


@app.command("connect")
def connect_(
    name: UserName,
    subject: Annotated[str, typer.Argument(help="The provider's identifier of the user.")],
    issuer: Annotated[str, typer.Option(help="The OpenID provider, as it writes itself.")],
) -> None:
    """Have an identity of an OpenID provider sign in as this user, without a password."""
    _run(lambda owner: logins.connect_user(owner, name, issuer, subject))
    typer.echo(f"{name} signs in at {issuer} from now on.")


@app.command()
def disconnect(name: UserName) -> None:
    """Make a user of an OpenID provider local again; a sign-in link lets them in then."""
    _run(lambda owner: logins.disconnect_user(owner, name))
    typer.echo(f"{name} is a local user again: `qlmodels user link {name}` lets them in.")


@app.command()
def sessions(name: UserName) -> None:
    """Show in which browsers a user is signed in."""
    table = Table("session", "since", "address", "browser")
    found: list[UserSession] = _run(lambda owner: logins.list_sessions(owner, name))
    for session in found:
        table.add_row(
            session.session_id,
            f"{session.created_at:%Y-%m-%d %H:%M}",
            session.address or "",
            session.browser or "",
        )
    Console().print(table)


@app.command("end-sessions")
def end_sessions(
    name: UserName,
    session: Annotated[
        str | None, typer.Option(help="Only this one, as `qlmodels user sessions` calls it.")
    ] = None,
) -> None:
    """Sign a user out of all browsers, or of one."""
    ended = _run(lambda owner: logins.end_sessions(owner, name, session))
    typer.echo(f"{name} was signed out of {ended} browser{'' if ended == 1 else 's'}.")


def _means(user: User) -> str:
    if user.issuer is not None:
        return user.issuer
    return "password" if user.has_password else "link"


async def _add_with_link(owner: asyncpg.Connection, name: str, role: PanelRole) -> str:
    async with owner.transaction():
        await logins.add_user(owner, name, role)
        return await logins.create_sign_in_link(owner, name)


def _run(action: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Return what `action` does as the owner of the database."""

    async def run() -> T:
        async with connect(url) as owner:
            return await action(owner)

    with upgraded_database() as url:
        return asyncio.run(run())
