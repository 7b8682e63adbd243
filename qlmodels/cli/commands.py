"""The commands: where each is, and what its line in `qlmodels --help` says.

A command's module is imported when the command runs, so that `--help` and `--version` need
neither SQLAlchemy nor the driver.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import typer


@dataclass(frozen=True, slots=True)
class Command:
    """`target` is module:attribute in this package, a function or a Typer with subcommands."""

    target: str
    summary: str

    def load(self, name: str) -> Any:
        """Import the command and return it as typer runs it."""
        module, _, attribute = self.target.partition(":")
        target = getattr(import_module(f"qlmodels.cli.{module}"), attribute)
        holder = typer.Typer(add_completion=False)
        holder.callback()(lambda: None)
        if isinstance(target, typer.Typer):
            holder.add_typer(target, name=name)
        else:
            holder.command(name)(target)
        group: Any = typer.main.get_command(holder)
        return group.commands[name]


CLI_COMMANDS: Final[Mapping[str, Command]] = {
    "init": Command(
        "init:init", "Write a .env that says where the database is, after trying the connection."
    ),
    "up": Command(
        "up:up", "Migrate the database, serve the panel, and let a demo fleet learn in it."
    ),
    "upgrade": Command(
        "migrations:upgrade", "Bring the database's schema to this release's revision."
    ),
    "downgrade": Command(
        "migrations:downgrade",
        "Take revisions back; `base` removes the whole schema and its rows.",
    ),
    "adopt": Command(
        "adopt:adopt",
        "Take over a database made by the original's SQL file or Alembic revision, rows and all.",
    ),
    "check": Command(
        "migrations:check",
        "Say where the database differs from the models; exit code 1 if it does.",
    ),
    "repair": Command(
        "migrations:repair",
        "Bring the database back to the models: what was changed by hand is undone.",
    ),
    "stamp": Command(
        "migrations:stamp",
        "Note that the schema is at this release's revision, where another history made it.",
    ),
    "doctor": Command(
        "doctor:doctor",
        "Say what is wrong with the database and how to fix it; exit code 1 on an error.",
    ),
    "status": Command(
        "status:status", "Show how each agent type learns; exit code 1 if one needs attention."
    ),
    "sql": Command(
        "migrations:print_sql",
        "Print the whole schema as SQL, for Supabase's SQL editor, psql or a review.",
    ),
    "prove": Command(
        "migrations:prove",
        "Try a revision in scratch: up, compare with the models, down, compare, rows and all.",
    ),
    "demo": Command(
        "demo:demo", "Let a fleet learn Taxi, CliffWalking and FrozenLake in the database."
    ),
    "access": Command("access:access", "Show who may do what: role by table and command."),
    "export": Command(
        "archives:export_",
        "Write all rows of agents to a folder, or an agent type's episodes as a Minari dataset.",
    ),
    "import": Command(
        "archives:import_", "Write the rows of an archive into the database: all of them, or none."
    ),
    "backup": Command(
        "backup:backup",
        "Write all rows, logins and panel users to one file that only its owner may read.",
    ),
    "restore": Command(
        "backup:restore",
        "Make the schema and the logins of a backup in a database that holds no rows yet.",
    ),
    "estimate": Command(
        "estimate:estimate", "Measure what a row takes, and say how the database will grow."
    ),
    "monitoring": Command(
        "monitoring:monitoring",
        "Write Grafana's dashboard, Prometheus' alert rules and a scrape configuration.",
    ),
    "loadtest": Command(
        "loadtest:app",
        "Let a fleet of agents of its own work on the database, and take it away again.",
    ),
    "policy": Command(
        "policy:app", "Keep Q-tables as versions; compare, restore, merge, promote them."
    ),
    "agent": Command("agents:app", "Agent types."),
    "user": Command("users:app", "Users of the panel."),
    "login": Command("logins:app", "Logins of agents, orchestrators and the panel."),
    "realtime": Command("realtime:app", "Which tables Supabase's Realtime publishes."),
}
