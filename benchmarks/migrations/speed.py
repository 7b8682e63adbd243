"""How long autogenerate takes beyond Alembic's own start: `python -m benchmarks.migrations.speed`.

On the finished schema, on the embedded server, in one process; medians of interleaved rounds.
`current` is Alembic's own start (its environment, a connection, the version table), the others
are `revision --autogenerate`.
"""

import os
import statistics
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from shutil import copytree
from time import perf_counter

from alembic import command
from alembic.config import Config
from sqlalchemy import URL

from qlmodels import paths
from qlmodels.embedded import EmbeddedServer, all_binaries
from tests.autogenerate.battery.server import Server

ROUNDS = 5
DRIFT = "drop policy qlmodels_agent_access on q_values"


def main() -> None:
    binaries = max(all_binaries(), key=lambda found: found.major)
    with tempfile.TemporaryDirectory(prefix="qlspeed") as name:
        folder = Path(name)
        folder.chmod(0o755)
        copytree(paths.migrations(), folder / "migrations")
        with EmbeddedServer(folder / "server", binaries=binaries, durable=False) as running:
            server = Server.of(running, binaries)
            clean, drifted = server.create("clean"), server.create("drifted")
            for database in (clean, drifted):
                command.upgrade(_config(folder, database.owner), "head")
            drifted.run(DRIFT)
            steps: dict[str, Callable[[], None]] = {
                "current": lambda: command.current(_config(folder, clean.owner)),
                "nothing differs": lambda: _revise(folder, clean.owner),
                "a policy is gone, unproved": lambda: _revise(folder, drifted.owner, "prove=no"),
                "a policy is gone, proved": lambda: _revise(folder, drifted.owner),
            }
            _report(steps, binaries.major)


def _report(steps: dict[str, Callable[[], None]], major: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for round_ in range(ROUNDS + 1):
        for name, step in steps.items():
            begun = perf_counter()
            with redirect_stdout(StringIO()):
                step()
            if round_:  # the first warms everything up
                seconds[name].append(perf_counter() - begun)
    start = statistics.median(seconds["current"])
    sys.stdout.write(f"PostgreSQL {major}, {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}\n")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        sys.stdout.write(
            f"{name:27} {median:6.2f} s (best {min(taken):.2f}), {median - start:+.2f} s\n"
        )


def _config(folder: Path, url: URL, *x: str) -> Config:
    said = StringIO()
    config = Config(cmd_opts=Namespace(x=list(x)), stdout=said, output_buffer=said)
    config.set_main_option("script_location", str(folder / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def _revise(folder: Path, url: URL, *x: str) -> None:
    written = command.revision(_config(folder, url, *x), "drift", autogenerate=True)
    for script in written if isinstance(written, list) else [written]:
        if script is not None:
            Path(script.path).unlink()


if __name__ == "__main__":
    main()
