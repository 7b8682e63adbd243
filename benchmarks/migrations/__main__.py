"""`python -m benchmarks.migrations`: the battery, put to ours and to four other tools."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from asyncpg.exceptions import PostgresError

from benchmarks.migrations.environments import Homes
from benchmarks.migrations.page import markdown
from benchmarks.migrations.tools import PgDelta, Worker
from qlmodels.embedded import Binaries, EmbeddedServer, all_binaries
from tests.autogenerate.battery.cases import Case, all_cases
from tests.autogenerate.battery.report import table
from tests.autogenerate.battery.runner import Bench, Outcome, Tool
from tests.autogenerate.battery.server import Server
from tests.autogenerate.battery.tools.ours import Ours

NAMES = (
    "qlmodels",
    "Alembic",
    "alembic-utils",
    "sqlalchemy-declarative-extensions",
    "pg-delta",
)
SIDES = {
    "Alembic": "plain_alembic",
    "alembic-utils": "alembic_utils",
    "sqlalchemy-declarative-extensions": "declarative_extensions",
}


def main(
    only: Annotated[list[str] | None, typer.Option(help="Tools: " + ", ".join(NAMES))] = None,
    major: Annotated[int, typer.Option(help="Major version of PostgreSQL")] = 18,
    match: Annotated[str, typer.Option(help="Only cases whose label holds this")] = "",
    every: Annotated[int, typer.Option(help="Take one case of so many")] = 1,
    jobs: Annotated[int, typer.Option(help="Tools at a time, each on a server of its own")] = 2,
    output: Annotated[Path, typer.Option(help="Where results go")] = Path("build/migrations"),
    page: Annotated[Path | None, typer.Option(help="File to write the table's page to")] = None,
) -> None:
    """Mutate, compare, repair, undo; then print a table, and write it as Markdown and JSON."""
    if unknown := set(only or ()) - set(NAMES):
        raise typer.BadParameter(f"There is no tool {', '.join(sorted(unknown))}.")
    output = output.resolve()
    homes = Homes(output)
    homes.make()
    binaries = _binaries(major)
    cases = [case for case in all_cases(major) if match in case.label][::every]
    with ThreadPoolExecutor(jobs) as pool:
        names = only or list(NAMES)
        runs = pool.map(lambda name: _run(name, binaries, homes, cases), names)
        found = dict(zip(names, runs, strict=True))
    for name, outcomes in found.items():
        typer.echo(f"\n{name}\n{table(outcomes)}")
    setting = {"PostgreSQL": binaries.release, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    if every > 1:
        setting["one case of"] = str(every)
    page = page or output / f"comparison-{major}.md"
    page.write_text(markdown(found, homes.versions() | setting))


def _binaries(major: int) -> Binaries:
    for found in all_binaries():
        if found.major == major:
            return found
    raise typer.BadParameter(f"PostgreSQL {major} is not on this machine.")


def _run(name: str, binaries: Binaries, homes: Homes, cases: list[Case]) -> list[Outcome]:
    begin = time.monotonic()
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        tool = _tool(name, binaries, homes, stack)
        bench = Bench(stack.enter_context(_server(binaries)), tool)
        for case in cases:
            try:
                outcomes.append(bench.put(case))
            except (ValueError, PostgresError) as fault:  # of the case, for this tool
                outcomes.append(Outcome(case, trouble=f"{type(fault).__name__}: {fault}"))
            typer.echo(f"{name}: {_verdict(outcomes[-1])} {case.label}", err=True)
    for schema, noise in getattr(tool, "noise", {}).items():
        typer.echo(f"{name}: proposes for the unchanged {schema}: {noise or 'nothing'}", err=True)
    typer.echo(f"{name}: {time.monotonic() - begin:.0f} s", err=True)
    dump = [asdict(outcome) for outcome in outcomes]
    (homes.folder / f"{name}-{binaries.major}.json").write_text(json.dumps(dump, indent=1))
    return outcomes


def _verdict(outcome: Outcome) -> str:
    steps = {"seen": outcome.seen, "repaired": outcome.repaired, "undone": outcome.undone}
    return ", ".join(step for step, reached in steps.items() if reached) or "nothing"


def _tool(name: str, binaries: Binaries, homes: Homes, stack: ExitStack) -> Tool:
    folder = homes.folder / name
    if name == "qlmodels":
        revisions = Path(tempfile.mkdtemp(prefix="battery"))
        stack.callback(shutil.rmtree, revisions)
        return Ours(revisions)
    if name == "pg-delta":
        return PgDelta(homes.pg_delta, folder, stack.enter_context(_server(binaries)))
    worker = Worker(name, SIDES[name], homes.python, folder)
    stack.callback(worker.close)
    return worker


@contextmanager
def _server(binaries: Binaries) -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="qlm"))
    try:
        with EmbeddedServer(home, binaries=binaries, durable=False) as running:
            yield Server.of(running, binaries)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    typer.run(main)
