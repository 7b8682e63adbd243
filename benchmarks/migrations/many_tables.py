"""What autogenerate costs with many tables, beside plain Alembic.

`python -m benchmarks.migrations.many_tables` runs Alembic's command line on one database for each
side: `check` of an equal database, and a revision with one column more, ours with its proof. The
sides take turns, and each round gives one ratio of ours to plain Alembic's by the same driver.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from time import perf_counter
from typing import Annotated

import alembic
import typer
from sqlalchemy import URL

from qlmodels.embedded import EmbeddedServer, all_binaries
from tests.autogenerate.battery.server import Server

MODELS = """\
from sqlalchemy import *
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
MORE = {more}
for number in range({tables}):
    parts = [Column("extra", Text)] if MORE and number == {tables} // 2 else []
    if number:
        parts.append(Column("parent_id", ForeignKey(f"table_{{number - 1}}.id"), index=True))
    Table(
        f"table_{{number}}",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(100), nullable=False, unique=True),
        Column("kind", Text, server_default="usual", index=True),
        Column("weight", Numeric(10, 2)),
        Column("document", JSONB),
        Column("is_open", Boolean, nullable=False, server_default=true()),
        Column("created_at", DateTime(timezone=True), server_default=func.now()),
        CheckConstraint("weight > 0", name=f"weight_{{number}}"),
        *parts,
    )
"""
PLAIN = "context.configure(connection=connection, target_metadata=metadata)\n" + (
    "    with context.begin_transaction():\n        context.run_migrations()"
)
OURS = "run_migrations(connection, target_metadata=metadata)"
IMPORT_OURS = "from qlmodels.autogenerate import run_migrations"
ENVIRONMENTS = {
    "psycopg": """\
from alembic import context
from sqlalchemy import create_engine
{imports}
from models import metadata

with create_engine("{url}").connect() as connection:
    {run}
""",
    "asyncpg": """\
import asyncio

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
{imports}
from models import metadata


def run(connection):
    {run}


async def main():
    engine = create_async_engine("{url}")
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
""",
}
TEMPLATE = Path(alembic.__file__).parent / "templates" / "generic" / "script.py.mako"
GOALS = {"check": 1.5, "revision": 3.0}


@dataclass(frozen=True)
class Side:
    """A project of its own with a database of its own."""

    folder: Path
    url: URL
    tables: int

    def make(self, driver: str, *, ours: bool) -> None:
        url = self.url.set(drivername=f"postgresql+{driver}").render_as_string(False)
        environment = ENVIRONMENTS[driver].format(
            url=url, run=OURS if ours else PLAIN, imports=IMPORT_OURS if ours else ""
        )
        (self.folder / "versions").mkdir(parents=True)
        (self.folder / "env.py").write_text(environment)
        copy(TEMPLATE, self.folder)
        (self.folder / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s\n")
        self.models(more=False)
        self.alembic("revision", "--autogenerate", "-m", "first")
        self.alembic("upgrade", "head")

    def models(self, *, more: bool) -> None:
        (self.folder / "models.py").write_text(MODELS.format(more=more, tables=self.tables))

    def alembic(self, *arguments: str) -> float:
        """Run a command; return its seconds."""
        environment = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        begun = perf_counter()
        subprocess.run(
            [sys.executable, "-m", "alembic", *arguments],
            cwd=self.folder,
            env=environment,
            check=True,
            capture_output=True,
        )
        return perf_counter() - begun

    def check(self) -> float:
        self.models(more=False)
        return self.alembic("check")

    def revision(self) -> float:
        self.models(more=True)
        before = set((self.folder / "versions").glob("*.py"))
        taken = self.alembic("revision", "--autogenerate", "-m", "more")
        for written in set((self.folder / "versions").glob("*.py")) - before:
            written.unlink()
        return taken


def main(
    tables: Annotated[int, typer.Option(help="How many tables")] = 300,
    rounds: Annotated[int, typer.Option(help="How often each side has its turn")] = 5,
    driver: Annotated[list[str] | None, typer.Option(help="psycopg, asyncpg")] = None,
) -> None:
    """Print seconds and ratios, and exit with 1 where a median ratio is over its goal."""
    missed = False
    with _server() as server, tempfile.TemporaryDirectory(prefix="qlmany") as name:
        for each in driver or list(ENVIRONMENTS):
            sides = {}
            for side in ("plain", "ours"):
                database = server.create(f"many_{each}_{side}")
                sides[side] = Side(Path(name) / f"{each}_{side}", database.owner, tables)
                sides[side].make(each, ours=side == "ours")
            for step, goal in GOALS.items():
                plain, ours = (getattr(sides[side], step) for side in ("plain", "ours"))
                ours()  # what is kept between runs is kept from here on
                pairs = [(plain(), ours()) for _ in range(rounds)]
                ratios = [own / base for base, own in pairs]
                median = statistics.median(ratios)
                missed |= median > goal
                typer.echo(
                    f"{tables} tables by {each}, {step:8}: plain"
                    f" {statistics.median(base for base, _ in pairs):5.2f} s, ours"
                    f" {statistics.median(own for _, own in pairs):5.2f} s, ratio {median:.2f}"
                    f" ({min(ratios):.2f} to {max(ratios):.2f}; goal {goal})"
                )
    raise typer.Exit(int(missed))


@contextmanager
def _server() -> Iterator[Server]:
    binaries = max(all_binaries(), key=lambda found: found.major)
    with tempfile.TemporaryDirectory(prefix="qlmany") as name:
        Path(name).chmod(0o755)
        with EmbeddedServer(Path(name), binaries=binaries, durable=False) as running:
            yield Server.of(running, binaries)


if __name__ == "__main__":
    typer.run(main)
