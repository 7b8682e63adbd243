"""`qlmodels policy`: Q-tables kept, compared, restored, merged."""

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from asyncpg.exceptions import DeadlockDetectedError
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import URL

from qlmodels import policies
from qlmodels.cli.policy_comparison import show_comparison
from qlmodels.cli.upgraded import upgraded_database
from qlmodels.connection import connect
from qlmodels.policies import Comparison, MergeRule

app = typer.Typer(
    no_args_is_help=True,
    help="Keep Q-tables as versions; compare, restore, merge, promote them.",
)

T = TypeVar("T")
Act = Callable[[asyncpg.Connection], Awaitable[T]]

MAX_RETRIES = 5
"""A restore or a merge that met an agent's transaction crosswise is undone, and begins again."""

AgentTypeArgument = Annotated[str, typer.Argument(metavar="AGENT", help="An agent type.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def _run(act: Act[T]) -> T:
    """`act` as the owner, in one transaction."""
    with upgraded_database() as owner:
        return asyncio.run(_in_transaction(owner, act))


async def _in_transaction(owner: URL, act: Act[T]) -> T:
    for attempt in range(1, MAX_RETRIES + 1):
        async with connect(owner) as connection:
            try:
                async with connection.transaction():
                    await connection.execute("set local row_security = on")
                    return await act(connection)
            except DeadlockDetectedError:
                if attempt == MAX_RETRIES:
                    raise
    raise AssertionError("unreachable")


@app.command()
def snapshot(
    agents: Annotated[
        list[str] | None,
        typer.Argument(metavar="[AGENT]...", help="By default all that have learned something."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="What it is kept for, in words.")] = None,
) -> None:
    """Keep Q-tables as they are, each as the next version of its agent type."""

    async def keep(connection: asyncpg.Connection) -> dict[str, int | None]:
        names = await policies.environments_of(connection, agents or None)
        return {name: await policies.keep(connection, name, note=note) for name in names}

    kept = _run(keep)
    for agent, number in kept.items():
        typer.echo(f"{agent}: version {number}")
    if not kept:
        typer.echo("No agent type has learned anything yet, so nothing was kept.")


@app.command("list")
def list_(agent: AgentTypeArgument, as_json: AsJson = False) -> None:
    """What is kept of an agent type, the newest first."""

    async def read(connection: asyncpg.Connection) -> list[policies.Version]:
        await policies.environments_of(connection, [agent])
        return await policies.read_versions(connection, agent)

    versions = _run(read)
    if as_json:
        _print_json([dataclasses.asdict(version) for version in versions])
        return
    if not versions:
        typer.echo(f"Nothing is kept of {agent}: `qlmodels policy snapshot {agent}`.")
        return
    table = Table("version", "kept at (UTC)", "why", "by", title=agent)
    for heading in ("states", "pairs", "visits"):
        table.add_column(heading, justify="right")
    table.add_column("note")
    for version in versions:
        kept_at = version.kept_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        figures = (f"{figure:,}" for figure in (version.states, version.pairs, version.visits))
        table.add_row(
            str(version.number),
            kept_at,
            version.reason,
            escape(version.who),
            *figures,
            escape(version.note or ""),
        )
    Console().print(table)


def _version(text: str) -> int | None:
    if text == "now":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is neither a version's number nor 'now'") from error


@app.command()
def diff(
    agent: AgentTypeArgument,
    before: Annotated[str, typer.Argument(help="A version, or now.")],
    after: Annotated[str, typer.Argument(help="A version, or now.")] = "now",
    limit: Annotated[int, typer.Option(min=0, help="Lines of each kind.")] = 10,
    as_json: AsJson = False,
) -> None:
    """What changed between two versions: greedy actions first, then pairs and values."""
    old, new = _version(before), _version(after)

    async def compare(connection: asyncpg.Connection) -> Comparison:
        await policies.environments_of(connection, [agent])
        return await policies.compare(connection, agent, old, new, limit=limit)

    comparison = _run(compare)
    if as_json:
        _print_json(dataclasses.asdict(comparison))
    else:
        show_comparison(comparison)


@app.command()
def restore(
    agent: AgentTypeArgument,
    version: Annotated[int, typer.Argument(help="See `qlmodels policy list`.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    yes: Yes = False,
) -> None:
    """Make a Q-table what a version holds. What it was before is kept as a version, too."""
    coming = _run(lambda connection: policies.preview_restore(connection, agent, version))
    typer.echo(
        f"{agent}, version {version}: {coming.changed:,} of {coming.pairs:,} pairs get their "
        f"values back, {coming.returned:,} come back, {coming.removed:,} learned since go."
    )
    if dry_run:
        return
    if not yes:
        typer.confirm("Restore it?", abort=True)
    done = _run(lambda connection: policies.restore(connection, agent, version))
    typer.echo(f"Restored, as version {done.after}. What was there is version {done.before}.")
    _tell_stayed(done.stayed)


@app.command()
def promote(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FROM[@VERSION]", help="The agent type whose Q-table is copied, or its version."
        ),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="The agent type that gets it.")],
    with_settings: Annotated[
        bool,
        typer.Option(
            "--with-settings",
            help="Copy initial_q_value, environment and action_space_dimensions where they differ.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    yes: Yes = False,
) -> None:
    """Give an agent type the Q-table of another, exactly. What it was is kept as a version."""
    name, version = _source(source)
    coming = _run(
        lambda connection: policies.preview_promotion(
            connection, name, target, version=version, with_settings=with_settings
        )
    )
    typer.echo(
        f"{target} gets the {coming.pairs:,} pairs of {source}: {coming.made:,} are new to it, "
        f"{coming.changed:,} get other values, and {coming.removed:,} of its own are removed."
    )
    for column, value in coming.settings.items():
        typer.echo(f"Its {column} becomes {value}.")
    if dry_run:
        return
    if not yes:
        typer.confirm("Promote it?", abort=True)
    done = _run(
        lambda connection: policies.promote(
            connection, name, target, version=version, with_settings=with_settings
        )
    )
    typer.echo(
        f"Promoted: {target} is at version {done.after}. What was there is version {done.before}; "
        f"`qlmodels policy take-back {target}` brings it back."
    )
    _tell_stayed(done.stayed)


@app.command("take-back")
def take_back(target: AgentTypeArgument, yes: Yes = False) -> None:
    """Make a Q-table what it was before its last promotion; settings that came with it, too."""
    before, after = _run(lambda connection: policies.last_promotion(connection, target))
    typer.echo(f"{target} goes back from version {after}, promoted, to version {before}.")
    if not yes:
        typer.confirm("Take it back?", abort=True)
    done = _run(lambda connection: policies.take_back(connection, target))
    typer.echo(f"Taken back, as version {done.after}. What was there is version {done.before}.")
    _tell_stayed(done.stayed)


def _source(text: str) -> tuple[str, int | None]:
    """An agent type, and its version if one is named. Raises BadParameter."""
    name, at, version = text.partition("@")
    if at and not version.isdecimal():
        raise typer.BadParameter(f"{text!r} names no version: write {name}@3, or {name}.")
    return name, int(version) if at else None


@app.command()
def merge(
    source: Annotated[
        str,
        typer.Argument(metavar="FROM[@VERSION]", help="The agent type that gives, or its version."),
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="The agent type that gets.")],
    rule: Annotated[
        MergeRule,
        typer.Option(
            help="What a pair gets that both have: the values of the more visited, the mean by "
            "visits, those of FROM, or those of TO."
        ),
    ] = "visited",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    yes: Yes = False,
) -> None:
    """Copy what one agent type learned to another. What that was before is kept as a version."""
    name, version = _source(source)
    coming = _run(
        lambda connection: policies.preview_merge(connection, name, target, rule, version=version)
    )
    typer.echo(
        f"Of {coming.pairs:,} pairs of {source}, {coming.made:,} are new to {target}, "
        f"{coming.changed:,} get other values by rule {rule}, {coming.unchanged:,} stay as they "
        "are."
    )
    if dry_run:
        return
    if not yes:
        typer.confirm("Merge them?", abort=True)
    done = _run(lambda connection: policies.merge(connection, name, target, rule, version=version))
    typer.echo(
        f"Merged: {target} is at version {done.after}. What was there is version {done.before}."
    )
    _tell_stayed(done.stayed)


def _tell_stayed(number: int) -> None:
    if number:
        typer.echo(f"{number:,} pairs that agents learned meanwhile stay as they are.")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, default=str, ensure_ascii=False, indent=2))
