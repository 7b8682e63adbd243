"""The tools that are compared, each as the battery wants it."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qlmodels.paths import PACKAGE
from tests.autogenerate.battery.cases import Case, Schema
from tests.autogenerate.battery.server import Database, Server

ROOT = PACKAGE.parent


class Failed(Exception):
    """A tool said that it cannot go on."""


@dataclass
class Worker:
    """A tool that lives in Alembic; see `worker.py`."""

    name: str
    side: str
    python: Path
    folder: Path
    noise: dict[Schema, str] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None

    def adopt(self, empty: Database, schema: Schema) -> None:
        empty.build(schema)
        self.noise[schema] = self._order("adopt", empty, schema)

    def sees(self, database: Database, case: Case) -> bool:
        return bool(self._order("sees", database, case.schema))

    def repair(self, database: Database, case: Case) -> None:
        self._order("repair", database, case.schema)

    def undo(self, database: Database, case: Case) -> None:
        self._order("undo", database, case.schema)

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate()

    def _order(self, do: str, database: Database, schema: Schema) -> Any:
        process = self._process = self._process or self._start()
        url = database.owner.set(drivername="postgresql+psycopg")
        order = {"do": do, "url": url.render_as_string(hide_password=False), "schema": schema}
        if process.stdin is None or process.stdout is None:
            raise Failed("its process has no pipes")
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise Failed(f"its process ended: {self.folder / 'log'} tells why")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["answer"]

    def _start(self) -> subprocess.Popen[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("w") as log:
            return subprocess.Popen(
                [self.python, "-m", "benchmarks.migrations.worker", self.side, self.folder],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )


@dataclass
class PgDelta:
    """pg-delta has no declarations of its own: it compares with a database that has them.

    `reference` is a second server, for roles belong to the server. To undo it compares with a
    clone there that went through the same mutation.
    """

    program: Path
    folder: Path
    reference: Server
    name: str = "pg-delta"
    noise: dict[Schema, str] = field(default_factory=dict)
    _declared: dict[Schema, Database] = field(default_factory=dict)

    def adopt(self, empty: Database, schema: Schema) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        empty.build(schema)
        origin = self._declared[schema] = self.reference.create(empty.name)
        origin.build(schema)
        clone = self.reference.clone(origin, schema, "battery_declared")
        self.noise[schema] = "it differs" if self._plan(empty, clone) else ""
        self.reference.drop(clone)

    def sees(self, database: Database, case: Case) -> bool:
        wanted = self.reference.clone(self._declared[case.schema], case.schema, database.name)
        try:
            return self._plan(database, wanted)
        finally:
            self.reference.drop(wanted)

    def repair(self, database: Database, case: Case) -> None:
        del case
        self._apply(database)

    def undo(self, database: Database, case: Case) -> None:
        wanted = self.reference.clone(self._declared[case.schema], case.schema, database.name)
        try:
            wanted.run(case.mutation, by_superuser=case.by_superuser)
            if self._plan(database, wanted):
                self._apply(database)
        finally:
            wanted.run(case.afterwards, by_superuser=case.by_superuser)
            self.reference.drop(wanted)

    def _plan(self, source: Database, desired: Database) -> bool:
        """Whether there is anything to do."""
        self._run(
            "plan",
            "--source",
            self._url(source),
            "--desired",
            self._url(desired),
            "--renames",
            "off",
            "--out",
            str(self._file),
        )
        return bool(json.loads(self._file.read_text())["actions"])

    def _apply(self, target: Database) -> None:
        self._run(
            "apply",
            "--plan",
            str(self._file),
            "--target",
            self._url(target),
            "--allow-data-loss",
        )

    @property
    def _file(self) -> Path:
        return self.folder / "plan.json"

    def _url(self, database: Database) -> str:
        """Throwaway servers: their passwords may be seen."""
        url = database.owner.set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [self.program, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Failed(done.stderr.strip()[-2000:] or done.stdout.strip()[-2000:])
