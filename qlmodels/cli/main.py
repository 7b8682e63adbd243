"""`qlmodels`: options of every command, and one sentence for whatever fails."""

import logging
import sys
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

import qlmodels
from qlmodels import logs
from qlmodels.cli.commands import CLI_COMMANDS

logger = logging.getLogger(__name__)

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended."""

LOG_FORMAT_OPTION = "--log-format"


class LazyCommands(TyperGroup):
    """Imports a command when it runs, and takes --log-format behind its name too."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, command in CLI_COMMANDS.items():
            self.add_command(TyperCommand(name=name, help=command.summary, callback=None))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table."""
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, CLI_COMMANDS[str(name)].load(str(name)), rest

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        arguments, others = args, []
        if "--" in args:
            arguments, others = args[: args.index("--")], args[args.index("--") :]
        for place, word in enumerate(arguments):
            if word.partition("=")[0] == LOG_FORMAT_OPTION:
                end = place + (1 if "=" in word else 2)
                arguments = [*arguments[place:end], *arguments[:place], *arguments[end:]]
        return super().parse_args(ctx, [*arguments, *others])


app = typer.Typer(
    cls=LazyCommands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The data layer of fleets of Q-learning agents on Postgres.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"qlmodels {qlmodels.__version__}")
        raise typer.Exit


@app.callback()
def begin(
    log_format: Annotated[
        logs.Format | None,
        typer.Option(
            LOG_FORMAT_OPTION, help="Log to standard error; QLMODELS_LOG_FORMAT unless given."
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001  (it has ended the program where it is given)
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    log_format = log_format or logs.configured()
    if log_format is not None:
        logs.configure(log_format)


def main() -> None:
    """Run a command; a failure is one sentence and exit code 1, and Ctrl-C is exit code 130."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        from qlmodels.cli.failures import sentence_of  # what it knows takes long to import

        if (sentence := sentence_of(error)) is None:
            raise
        _fail(sentence)


def _fail(sentence: str) -> NoReturn:
    if logs.is_json():
        logger.error("%s", sentence)
    else:
        typer.echo(f"qlmodels: {sentence}", err=True)
    sys.exit(1)
