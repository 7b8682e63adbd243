"""The command line: one module for each group of commands."""

import sys

import typer
from alembic.util import CommandError

from qlmodels.cli import (
    access,
    adopt,
    archives,
    demo,
    doctor,
    estimate,
    loadtest,
    logins,
    migrations,
    up,
    users,
)
from qlmodels.errors import QLModelsError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The data layer of fleets of Q-learning agents on Postgres.",
)
app.command("up")(up.up)
app.command("upgrade")(migrations.upgrade)
app.command("downgrade")(migrations.downgrade)
app.command("adopt")(adopt.adopt)
app.command("check")(migrations.check)
app.command("doctor")(doctor.doctor)
app.command("prove")(migrations.prove)
app.command("demo")(demo.demo)
app.command("access")(access.access)
app.command("export")(archives.export_)
app.command("import")(archives.import_)
app.command("estimate")(estimate.estimate)
app.command("loadtest")(loadtest.loadtest)
app.add_typer(users.app, name="user")
app.add_typer(logins.app, name="login")


def main() -> None:
    """Run a command; whatever goes wrong is one sentence and exit code 1."""
    try:
        app()
    except (QLModelsError, CommandError) as error:
        typer.echo(f"qlmodels: {error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
