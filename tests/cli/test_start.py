"""The command line starts fast, and lists each command in the command's own words."""

import resource
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from qlmodels.cli import app
from qlmodels.cli.commands import CLI_COMMANDS

HEAVY = ("sqlalchemy", "sqlmodel", "asyncpg", "pydantic", "alembic", "qlmodels_admin", "starlette")


@pytest.mark.parametrize("name", CLI_COMMANDS)
def test_the_summary_is_that_of_the_command(name: str) -> None:
    command = CLI_COMMANDS[name].load(name)
    assert command.name == name
    first = command.help.partition("\n\n")[0].replace("\n", " ")
    assert first == CLI_COMMANDS[name].summary


def test_help_lists_every_command() -> None:
    output = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert all(f" {name} " in output for name in CLI_COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    answer = CliRunner().invoke(app, ["stats"])
    assert answer.exit_code == 2
    assert "No such command 'stats'" in answer.output
    assert "status" in answer.output


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_options_need_no_heavy_module(option: str) -> None:
    script = (
        "import sys; from qlmodels.cli import app\n"
        f"try: app(['{option}'])\n"
        "except SystemExit as end: assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_options_take_little_more_than_the_library_that_reads_them(option: str) -> None:
    """On a machine where that takes 0.1 s of processor time they take 0.3 s at most."""

    def seconds(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime

    least = min(seconds("-c", "import typer, rich.console") for _ in range(5))
    assert min(seconds("-m", "qlmodels", option) for _ in range(5)) < 3 * least


def test_the_package_is_imported_at_first_use() -> None:
    import qlmodels

    assert all(hasattr(qlmodels, name) for name in qlmodels.__all__)
    assert not hasattr(qlmodels, "nothing")
