"""Commands that show agent types, add, copy, change and remove them."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import URL
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import logins, paths
from qlmodels.agent_types import (
    copy_agent_type,
    create_agent_types,
    remove_agent_types,
    remove_unused_agent_types,
    require_agent_types,
)
from qlmodels.cli.progress import bars
from qlmodels.cli.row_loss import ROWS_OF_AGENTS, DeleteYes, confirm_row_loss
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect, engine_at
from qlmodels.ddl.quoting import qualified
from qlmodels.embedded import password_for
from qlmodels.errors import UnknownAgentType
from qlmodels.fleet import fleet_of
from qlmodels.settings import Settings
from qlmodels.tables import AgentType

FIXED = {"agent_type", "created_at", "updated_at"}
ROWS_OF_REMOVED: Final = (
    *(name for name in ROWS_OF_AGENTS if name != qualified("public", "agent_types")),
    qualified("qlmodels_private", "policy_versions"),
)

app = typer.Typer(no_args_is_help=True, help="Agent types.")


Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="A column, as in learning_rate=0.5; may be repeated."),
]
DisplayName = Annotated[str | None, typer.Option(help="Name for people.")]


@app.command()
def add(
    agent_type: Annotated[
        str, typer.Argument(help="A lower-case letter, then letters, digits, hyphens.")
    ],
    display_name: DisplayName = None,
    set_: Set = None,
) -> None:
    """Add an agent type; on the embedded server with its login."""
    values = {**_values(set_ or [], "--set "), "display_name": display_name or _words(agent_type)}
    row = _row({**values, "agent_type": agent_type})
    with upgraded_database() as owner:
        asyncio.run(create_agent_types(owner, [row], **_embedded_login(agent_type)))
    _tell_login(agent_type)


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="The agent type whose settings are copied.")],
    name: Annotated[
        str,
        typer.Argument(
            help="The new agent type: a lower-case letter, then letters, digits, hyphens."
        ),
    ],
    display_name: DisplayName = None,
    set_: Set = None,
) -> None:
    """Add an agent type with the settings of another; on the embedded server with its login."""
    changes = _values(set_ or [], "--set ")
    if fixed := sorted(FIXED & set(changes)):
        raise typer.BadParameter(f"{fixed[0]} cannot be set: leave it out.")
    changes = {"display_name": display_name or _words(name), **changes}
    with upgraded_database() as owner, _refusing():
        asyncio.run(copy_agent_type(owner, source, name, changes, **_embedded_login(name)))
    _tell_login(name)


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
        list[str] | None, typer.Argument(metavar="[AGENT]...", help="Agent types.")
    ] = None,
    fleet: Annotated[
        bool, typer.Option("--fleet", help="Those that a first upgrade added and nobody used.")
    ] = False,
    archive: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the archive that their rows are written to first, for `qlmodels "
            "import`; by default one named removed-agents- and the time."
        ),
    ] = None,
    no_archive: Annotated[bool, typer.Option("--no-archive", help="Write no archive.")] = False,
    yes: DeleteYes = False,
) -> None:
    """Remove agent types with their rows, kept versions and logins; an archive is written first."""
    if fleet == bool(agent_types):
        raise typer.BadParameter("name agent types, or give --fleet.")
    if archive is not None and (no_archive or fleet):
        raise typer.BadParameter("--archive goes neither with --no-archive nor with --fleet.")
    with upgraded_database() as owner:
        if fleet:
            _remove_fleet(owner)
        else:
            folder = None if no_archive else archive or _archive_folder()
            _remove_with_rows(owner, agent_types or [], folder, yes)


def _remove_fleet(owner: URL) -> None:
    async def run() -> tuple[list[str], list[str]]:
        async with connect(owner) as connection:
            return await remove_unused_agent_types(connection, await fleet_of(connection))

    removed, stayed = asyncio.run(run())
    typer.echo(f"Removed: {', '.join(removed) or 'none'}.")
    if stayed:
        typer.echo(f"They have rows and stay: {', '.join(stayed)}.")


def _remove_with_rows(owner: URL, names: list[str], folder: Path | None, yes: bool) -> None:
    known = asyncio.run(_known(owner, names))
    confirm_row_loss(
        owner,
        "`agent remove`",
        yes,
        tables=ROWS_OF_REMOVED,
        agent_types=known,
        instead=f"`qlmodels agent set {known[0]} is_active=false` keeps the rows",
    )
    with bars() as watch:
        done = asyncio.run(remove_agent_types(owner, known, archive_to=folder, watch=watch))
    rows = sum(done.rows.values()) - len(done.agent_types)
    typer.echo(
        f"Removed: {', '.join(done.agent_types)}; {rows:,} rows and "
        f"{len(done.logins)} logins with them."
    )
    if folder is not None:
        typer.echo(f"{folder} holds what they had: `qlmodels import {folder}` brings it back.")


def _archive_folder() -> Path:
    return Path(f"removed-agents-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")


async def _known(owner: URL, names: list[str]) -> list[str]:
    """Raises UnknownAgentType."""
    async with connect(owner) as connection:
        return await require_agent_types(connection, names)


@app.command("list")
def list_(
    prefix: Annotated[str, typer.Argument(help="Only agent types whose names begin so.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: every setting.")] = False,
) -> None:
    """Show the agent types and how they learn."""
    with upgraded_database() as owner:
        rows = asyncio.run(_rows(owner, prefix))
    if as_json:
        documents = [row.model_dump(mode="json", by_alias=True) for row in rows]
        typer.echo(json.dumps(documents, ensure_ascii=False, indent=2))
        return
    table = Table(
        "agent type", "alpha", "gamma", "epsilon", "initial value", "environment", "active"
    )
    for row in rows:
        rates = (row.learning_rate, row.discount_factor, row.exploration_rate)
        numbers = (f"{number:g}" for number in (*rates, row.initial_q_value))
        active = "yes" if row.is_active else "no"
        table.add_row(row.agent_type, *numbers, escape(row.environment or "any"), active)
    Console().print(table)


def _words(agent_type: str) -> str:
    return agent_type.replace("-", " ").capitalize()


def _embedded_login(agent_type: str) -> dict[str, Any]:
    """On the embedded server a login is made as well, with the password that `up` gives it."""
    if Settings().owner_url() is not None:
        return {"with_logins": False}
    login = f"{logins.LOGIN_PREFIXES['agent']}{agent_type}"
    return {"passwords": {agent_type: password_for(paths.home_directory(), login)}}


def _tell_login(agent_type: str) -> None:
    embedded = Settings().owner_url() is None
    command = f"login url ql_{agent_type}" if embedded else f"login create {agent_type} --url"
    typer.echo(f"{agent_type} is there; `qlmodels {command}` prints the URL that it connects by.")


def _values(given: list[str], option: str) -> dict[str, str | None]:
    """Raises BadParameter."""
    pairs = [text.partition("=") for text in given]
    if wrong := [text for text, equals, _ in pairs if not equals]:
        raise typer.BadParameter(f"{option}{wrong[0]} has no value: write {wrong[0]}=VALUE.")
    texts = {name.strip(): value.strip() for name, _, value in pairs}
    return {name: None if value == "null" else value for name, value in texts.items()}


def _row(values: dict[str, Any]) -> AgentType:
    """Raises BadParameter."""
    with _refusing():
        return AgentType(**values)  # checked, and read from text, there


@contextmanager
def _refusing() -> Iterator[None]:
    """Raises BadParameter for settings that no agent type can have."""
    try:
        yield
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise typer.BadParameter(f"{where}: {wrong['msg']} (not {wrong['input']!r}).") from None


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


async def _rows(owner: URL, prefix: str) -> list[AgentType]:
    column = col(AgentType.agent_type)
    async with engine_at(owner) as engine, AsyncSession(engine) as session:
        rows = await session.exec(
            select(AgentType).where(column.startswith(prefix, autoescape=True)).order_by(column)
        )
        return list(rows)
