"""A tool that lives in Alembic, in an interpreter of its own: orders in, answers out, by lines.

An order is `{"do": "adopt" | "sees" | "repair" | "undo", "url": ..., "schema": ...}`; an answer
`{"answer": ...}` or `{"error": ...}`.
"""

import json
import re
import sys
import traceback
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine

from tests.autogenerate.battery.cases import Schema
from tests.autogenerate.battery.server import DECLARED

ENVIRONMENT = Path(__file__).with_name("environment")
SCHEMAS: dict[Schema, list[str]] = {
    "fleet": ["public", "qlmodels", "qlmodels_private", "qlmodels_admin"],
    "workshop": ["workshop", "workshop_archive"],
}
UPGRADE = re.compile(r"^def upgrade\(\):\n(.*?)^def downgrade", re.MULTILINE | re.DOTALL)
PATIENCE = 3
"""Revisions that a tool may need until it takes the declared schema for equal."""


@dataclass
class Worker:
    side: Any
    folder: Path
    options: dict[Schema, dict[str, Any]] = field(default_factory=dict)
    noise: dict[Schema, str] = field(default_factory=dict)
    """What the tool proposes, however often, for a database that has what is declared."""

    def adopt(self, url: str, schema: Schema) -> str:
        """The noise that remains, empty for a tool that comes to rest."""
        self._prepare(url, schema)
        config = self._config(url, schema)
        command.revision(config, "start", rev_id="start")
        command.upgrade(config, "head")
        for number in range(PATIENCE):
            self.noise[schema] = self._compare(config, schema, f"calm{number}")
            if not self.noise[schema]:
                break
            try:
                command.upgrade(config, "head")
            except Exception as failure:  # its own proposal does not run: noise for ever
                self._revision(schema, f"calm{number}").unlink()
                self.noise[schema] += f"# {failure}"
                break
        return self.noise[schema]

    def sees(self, url: str, schema: Schema) -> bool:
        config = self._config(url, schema)
        (self._versions(schema) / "repair.py").unlink(missing_ok=True)
        proposed = self._compare(config, schema, "repair")
        return proposed not in ("", self.noise[schema])

    def repair(self, url: str, schema: Schema) -> None:
        command.upgrade(self._config(url, schema), "head")

    def undo(self, url: str, schema: Schema) -> None:
        command.downgrade(self._config(url, schema), "-1")

    def _prepare(self, url: str, schema: Schema) -> None:
        rmtree(self.folder / schema, ignore_errors=True)
        copytree(ENVIRONMENT, self.folder / schema)
        self._versions(schema).mkdir()
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as reference:
            self.options[schema] = self.side.declare(DECLARED[schema], reference, SCHEMAS[schema])

    def _compare(self, config: Config, schema: Schema, name: str) -> str:
        """The body of the revision that it proposes; none is left where that is empty."""
        command.revision(config, name, autogenerate=True, rev_id=name)
        revision = self._revision(schema, name)
        found = UPGRADE.search(revision.read_text())
        lines = (found[1] if found else "").splitlines()
        body = "\n".join(line for line in lines if line.strip() and "# ###" not in line)
        if body.strip() == "pass":
            revision.unlink()
            return ""
        return body

    def _config(self, url: str, schema: Schema) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.folder / schema))
        config.set_main_option("file_template", "%%(rev)s")
        config.attributes.update(
            url=url,
            metadata=DECLARED[schema],
            options=self.options[schema],
            schemas=SCHEMAS[schema],
        )
        return config

    def _versions(self, schema: Schema) -> Path:
        return self.folder / schema / "versions"

    def _revision(self, schema: Schema, name: str) -> Path:
        return self._versions(schema) / f"{name}.py"


def main(side: str, folder: str) -> None:
    worker = Worker(import_module(f"benchmarks.migrations.sides.{side}"), Path(folder))
    answers, sys.stdout = sys.stdout, sys.stderr  # Alembic prints
    for line in sys.stdin:
        order = json.loads(line)
        try:
            done = getattr(worker, order["do"])(order["url"], order["schema"])
            answer = {"answer": done}
        except BaseException as failure:  # Alembic raises SystemExit too
            traceback.print_exc()
            answer = {"error": f"{type(failure).__name__}: {failure}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
