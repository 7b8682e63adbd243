"""pgbench as a client: what the server does when the client costs nothing."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from benchmarks.clients import PROCESSES, Measurement
from benchmarks.databases import CLIENTS
from benchmarks.world import action, state, text

AGENT = "test-generator"


@dataclass(frozen=True)
class PgBench:
    """A script of pgbench, prepared, by as many clients as the others."""

    program: Path
    script: Path
    url: URL
    rows: int
    transactions: int | None = None
    """Of each client, where a run is over after so many."""

    def work(self, seconds: float) -> Measurement:
        until = (
            f"--transactions={self.transactions}"
            if self.transactions
            else f"--time={max(1, round(seconds))}"
        )
        done = subprocess.run(
            [
                self.program,
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={CLIENTS}",
                f"--jobs={PROCESSES}",
                until,
                f"--file={self.script}",
                f"--define=rows={self.rows}",
                f"--define=state={text(state(AGENT, 0))}",
                f"--define=action={text(action(0))}",
                f"--host={self.url.host}",
                f"--port={self.url.port}",
                f"--username={self.url.username}",
                str(self.url.database),
            ],
            env={**os.environ, "PGPASSWORD": self.url.password or ""},
            check=False,
            capture_output=True,
            text=True,
        )
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode or rate is None:
            raise RuntimeError(f"pgbench failed: {done.stdout} {done.stderr}")
        return Measurement(round(float(rate[1]) * 1000), 1000)
