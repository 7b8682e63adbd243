"""`qlmodels backup` and `qlmodels restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import URL

from qlmodels.backup import BackupManifest, RestoredLogins, back_up, restore_backup
from qlmodels.cli.consequences import announce_first_schema
from qlmodels.cli.progress import bars
from qlmodels.owner import embedded_database, owner_database
from qlmodels.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not be there yet.")],
) -> None:
    """Write all rows, logins and panel users to one file that only its owner may read.

    Verifiers of the logins' passwords are in it where a superuser can be asked: on the embedded
    server, and by the URL in QLMODELS_SUPERUSER_URL on others.
    """
    with _owner_and_superuser() as (owner, superuser), bars() as watch:
        manifest = back_up(owner, file, superuser=superuser, watch=watch)
    typer.echo(f"{file} holds {_contents(manifest)}.")
    if missing := manifest.logins_without_password:
        typer.echo(
            f"It lacks the passwords of {', '.join(missing)}, which only a superuser may read. "
            "After a restore give them new ones with `qlmodels login rotate`."
        )


def restore(
    file: Annotated[Path, typer.Argument(help="What `qlmodels backup` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Go on without asking.")] = False,
) -> None:
    """Make the schema and the logins of a backup in a database that holds no rows yet.

    It says before what it does beyond the schema, and on a terminal it asks.
    """
    with owner_database() as owner:
        announce_first_schema(owner, yes=yes)
        with bars() as watch:
            manifest, made = restore_backup(owner, file, watch=watch)
    typer.echo(f"Database {owner.database} at {owner.host} has {_contents(manifest)}.")
    _report(made)


def _contents(manifest: BackupManifest) -> str:
    return (
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables and {len(manifest.logins)} "
        f"logins, as they were at {manifest.written_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _report(made: RestoredLogins) -> None:
    if made.whole:
        typer.echo(f"Logins with their passwords: {', '.join(made.whole)}.")
    if made.without_password:
        typer.echo(
            f"Logins without a password: {', '.join(made.without_password)}. `qlmodels login "
            "rotate` gives each a new one."
        )
    if made.there_already:
        typer.echo(
            f"Logins that the server has already, and that stay as they are: "
            f"{', '.join(made.there_already)}."
        )


@contextmanager
def _owner_and_superuser() -> Iterator[tuple[URL, URL | None]]:
    """The database's owner, and who may read verifiers, where that is known."""
    if Settings().owner_url() is None:
        with embedded_database() as embedded:
            yield embedded.owner, embedded.superuser
        return
    with owner_database() as owner:
        yield owner, Settings().superuser_url()
