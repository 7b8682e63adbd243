"""Commands that say who may sign in to the panel."""

import asyncio
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect
from qlmodels.logins import (
    PanelRole,
    User,
    add_user,
    create_sign_in_link,
    hash_password,
    list_users,
)

app = typer.Typer(no_args_is_help=True, help="Users of the panel.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[PanelRole, typer.Option(help="What the user may do.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Let somebody sign in to the panel; asks for the password unless it is on standard input."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)

    async def run() -> None:
        async with connect(url) as owner:
            await add_user(owner, name, role, hash_password(password))

    with upgraded_database() as url:
        asyncio.run(run())
    typer.echo(f"{name} may sign in as {role}.")


@app.command("list")
def list_() -> None:
    """Show who may sign in, and as what."""
    table = Table("name", "role", "password", "active", "last sign-in")

    async def run() -> list[User]:
        async with connect(url) as owner:
            return await list_users(owner)

    with upgraded_database() as url:
        for user in asyncio.run(run()):
            table.add_row(
                user.name,
                user.role,
                "set" if user.has_password else "none",
                "yes" if user.is_active else "no",
                f"{user.signed_in_at:%Y-%m-%d %H:%M}" if user.signed_in_at else "never",
            )
    Console().print(table)


@app.command()
def link(name: Annotated[str, typer.Argument(help="Whom the link signs in.")]) -> None:
    """Print a path of the panel that signs a user in once, within the hour."""

    async def run() -> str:
        async with connect(url) as owner:
            return await create_sign_in_link(owner, name)

    with upgraded_database() as url:
        typer.echo(f"/admin/sign-in?token={asyncio.run(run())}")
