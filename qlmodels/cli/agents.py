"""Commands that show agent types, add one and change one."""

import asyncio
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from sqlalchemy import URL
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import logins, paths
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect, engine_at
from qlmodels.embedded import password_for
from qlmodels.errors import QLModelsError, UnknownAgentType
from qlmodels.fleet import fleet_of, remove_agent_types
from qlmodels.settings import Settings
from qlmodels.tables import AgentType

FIXED = {"agent_type", "created_at", "updated_at"}

app = typer.Typer(no_args_is_help=True, help="Agent types.")


class AgentTypeExists(QLModelsError):
    """There is such an agent type: change it by `qlmodels agent set`."""


class AgentTypeInUse(QLModelsError):
    """An agent type has rows: deactivate it by `qlmodels agent set AGENT is_active=false`."""


@app.command()
def add(
    agent_type: Annotated[
        str, typer.Argument(help="A lower-case letter, then letters, digits, hyphens.")
    ],
    display_name: Annotated[str | None, typer.Option(help="Name for people.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A column, as in learning_rate=0.5; may be repeated."),
    ] = None,
) -> None:
    """Add an agent type; on the embedded server with its login."""
    name = display_name or agent_type.replace("-", " ").capitalize()
    row = _row({**_values(set_ or [], "--set "), "agent_type": agent_type, "display_name": name})
    embedded = Settings().owner_url() is None
    with upgraded_database() as owner:
        asyncio.run(_insert(owner, row))
        if embedded:
            asyncio.run(_make_login(owner, agent_type))
    command = f"login url ql_{agent_type}" if embedded else f"login create {agent_type} --url"
    typer.echo(f"{agent_type} is there; `qlmodels {command}` prints the URL that it connects by.")


@app.command("set")
def change(
    agent_type: Annotated[str, typer.Argument(help="An agent type.")],
    columns: Annotated[
        list[str],
        typer.Argument(
            metavar="COLUMN=VALUE...", help="As in learning_rate=0.5; null takes a value away."
        ),
    ],
) -> None:
    """Change columns of an agent type; agents follow from their next step on."""
    values = _values(columns, "")
    with upgraded_database() as owner:
        row = asyncio.run(_change(owner, agent_type, values))
    typer.echo(f"{agent_type}: {', '.join(f'{name}={getattr(row, name)}' for name in values)}")


@app.command()
def remove(
    agent_types: Annotated[
        list[str] | None, typer.Argument(metavar="[AGENT]...", help="Agent types without rows.")
    ] = None,
    fleet: Annotated[
        bool, typer.Option("--fleet", help="Those that a first upgrade added and nobody used.")
    ] = False,
) -> None:
    """Remove agent types that have no rows, with their logins; others are deactivated by `set`."""
    if fleet == bool(agent_types):
        raise typer.BadParameter("name agent types, or give --fleet.")
    with upgraded_database() as owner:
        removed, stayed = asyncio.run(_remove(owner, agent_types))
    typer.echo(f"Removed: {', '.join(removed) or 'none'}.")
    if stayed and fleet:
        typer.echo(f"They have rows and stay: {', '.join(stayed)}.")
    elif stayed:
        raise AgentTypeInUse(
            f"{', '.join(stayed)} cannot be removed, for there are rows of it. Deactivate it with "
            f"`qlmodels agent set {stayed[0]} is_active=false`."
        )


@app.command("list")
def list_() -> None:
    """Show the agent types and how they learn."""
    table = Table("agent type", "alpha", "gamma", "epsilon", "initial value", "active")
    with upgraded_database() as owner:
        for row in asyncio.run(_rows(owner)):
            rates = (row.learning_rate, row.discount_factor, row.exploration_rate)
            numbers = (f"{number:g}" for number in (*rates, row.initial_q_value))
            table.add_row(row.agent_type, *numbers, "yes" if row.is_active else "no")
    Console().print(table)


def _values(given: list[str], option: str) -> dict[str, str | None]:
    """Raises BadParameter."""
    pairs = [text.partition("=") for text in given]
    if wrong := [text for text, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{option}{wrong[0]} has no value: write {wrong[0]}=VALUE.")
    texts = {name.strip(): value.strip() for name, _, value in pairs}
    return {name: None if value == "null" else value for name, value in texts.items()}


def _row(values: dict[str, Any]) -> AgentType:
    """Raises BadParameter."""
    try:
        return AgentType(**values)  # checked, and read from text, there
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise typer.BadParameter(f"{where}: {wrong['msg']} (not {wrong['input']!r}).") from None


async def _remove(owner: URL, agent_types: list[str] | None) -> tuple[list[str], list[str]]:
    async with connect(owner) as connection:
        return await remove_agent_types(connection, agent_types or await fleet_of(connection))


async def _insert(owner: URL, row: AgentType) -> None:
    """Raises AgentTypeExists."""
    name = row.agent_type
    try:
        async with (
            engine_at(owner) as engine,
            AsyncSession(engine) as session,
            session.begin(),
        ):
            session.add(row)
    except IntegrityError as error:
        raise AgentTypeExists(
            f"There is an agent type {name} already: change it by `qlmodels agent set {name}`, "
            "or choose another name."
        ) from error


async def _change(owner: URL, agent_type: str, values: dict[str, str | None]) -> AgentType:
    """Raises BadParameter, UnknownAgentType."""
    if fixed := sorted(FIXED & set(values)):
        raise typer.BadParameter(f"{fixed[0]} cannot be changed: leave it out.")
    async with (
        engine_at(owner) as engine,
        AsyncSession(engine, expire_on_commit=False) as session,
        session.begin(),
    ):
        row = await session.get(AgentType, agent_type, with_for_update=True)
        if row is None:
            raise UnknownAgentType.of(agent_type)
        checked = _row({**row.model_dump(), **values})
        for name in values:
            setattr(row, name, getattr(checked, name))
        return row


async def _rows(owner: URL) -> list[AgentType]:
    async with engine_at(owner) as engine, AsyncSession(engine) as session:
        rows = await session.exec(select(AgentType).order_by(AgentType.agent_type))
        return list(rows)


async def _make_login(owner: URL, agent_type: str) -> None:
    """As `qlmodels up` makes those of the others."""
    password = password_for(paths.home_directory(), f"{logins.LOGIN_PREFIXES['agent']}{agent_type}")
    async with connect(owner) as connection:
        await logins.ensure(connection, "agent", agent_type, password)
