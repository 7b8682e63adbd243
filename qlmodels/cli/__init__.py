"""The command line: one module for each group of commands."""

import logging
import sys
from typing import Annotated, Any, NoReturn

import typer
from alembic.util import CommandError
from asyncpg.exceptions import PostgresError
from sqlalchemy.exc import DBAPIError
from typer.core import TyperGroup

import qlmodels
from qlmodels import logs
from qlmodels.cli import (
    access,
    adopt,
    agents,
    archives,
    demo,
    doctor,
    estimate,
    init,
    loadtest,
    logins,
    migrations,
    minari,
    monitoring,
    policy,
    realtime,
    status,
    up,
    users,
)
from qlmodels.errors import QLModelsError

logger = logging.getLogger(__name__)

LOG_FORMAT = "--log-format"


class Group(TyperGroup):
    """Takes --log-format behind the name of a command too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ours, others = args, []
        if "--" in args:
            ours, others = args[: args.index("--")], args[args.index("--") :]
        for place, word in enumerate(ours):
            if word.partition("=")[0] == LOG_FORMAT:
                end = place + (1 if "=" in word else 2)
                ours = [*ours[place:end], *ours[:place], *ours[end:]]
        return super().parse_args(ctx, [*ours, *others])


app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The data layer of fleets of Q-learning agents on Postgres.",
)
app.command("init")(init.init)
app.command("up")(up.up)
app.command("upgrade")(migrations.upgrade)
app.command("downgrade")(migrations.downgrade)
app.command("adopt")(adopt.adopt)
app.command("check")(migrations.check)
app.command("doctor")(doctor.doctor)
app.command("status")(status.status)
app.command("sql")(migrations.print_sql)
app.command("prove")(migrations.prove)
app.command("demo")(demo.demo)
app.command("access")(access.access)
app.command("export")(archives.export_)
app.command("import")(archives.import_)
app.command("export-minari")(minari.export_minari)
app.command("estimate")(estimate.estimate)
app.command("monitoring")(monitoring.monitoring)
app.command("loadtest")(loadtest.loadtest)
app.command("merge-policy")(policy.merge_policy)
app.add_typer(policy.app, name="policy")
app.add_typer(agents.app, name="agent")
app.add_typer(users.app, name="user")
app.add_typer(logins.app, name="login")
app.add_typer(realtime.app, name="realtime")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qlmodels {qlmodels.__version__}")
        raise typer.Exit


@app.callback()
def begin(
    log_format: Annotated[
        logs.Format | None,
        typer.Option(LOG_FORMAT, help="Log to standard error; QLMODELS_LOG_FORMAT unless given."),
    ] = None,
    version: Annotated[  # noqa: ARG001  (it has ended the program where it is given)
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Say which release."),
    ] = False,
) -> None:
    log_format = log_format or logs.configured()
    if log_format is not None:
        logs.configure(log_format)


def main() -> None:
    """Run a command; whatever goes wrong is one sentence and exit code 1."""
    try:
        app()
    except (QLModelsError, CommandError) as error:
        _fail(str(error))
    except (PostgresError, DBAPIError) as error:
        _fail(_told(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(sentence: str) -> NoReturn:
    if logs.is_json():
        logger.error("%s", sentence)
    else:
        typer.echo(f"qlmodels: {sentence}", err=True)
    sys.exit(1)


def _told(error: PostgresError | DBAPIError) -> str:
    """What the database said to a command that nothing more is known of, and what to do."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        said: BaseException = error.orig.__cause__ or error.orig
    else:
        said = error
    message = getattr(said, "message", None) or str(said).partition("\n")[0]
    match getattr(said, "sqlstate", None):
        case "42P01" | "42883" | "42703" | "3F000":
            cure = "run `qlmodels upgrade`; `qlmodels check` tells what differs"
        case "42501":
            cure = "DATABASE_URL must be that of the login that owns the schema"
        case _:
            cure = "see the server's log for more"
    return f"The database refused ({message}): {cure}."
