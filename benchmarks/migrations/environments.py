"""Where the other tools live: a virtual environment and an npm folder, made when needed."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.migrations.tools import ROOT

PACKAGES = (
    "alembic-utils==0.8.8",
    "sqlalchemy-declarative-extensions[parse]==0.17.0",
    "psycopg[binary]>=3.3",
)
PG_DELTA = "@supabase/pg-delta@1.0.0-alpha.34"


@dataclass(frozen=True)
class Homes:
    """Of the tools that are none of our dependencies."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def pg_delta(self) -> Path:
        return self.folder / "npm" / "node_modules" / ".bin" / "pgdelta"

    def make(self) -> None:
        """Raises CalledProcessError and FileNotFoundError, for example where npm is missing."""
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True)
            here = [f"alembic=={version('alembic')}", f"sqlalchemy=={version('sqlalchemy')}"]
            subprocess.run(
                [self.python, "-m", "pip", "install", "--quiet", *PACKAGES, *here, str(ROOT)],
                check=True,
            )
        if not self.pg_delta.exists():
            (self.folder / "npm").mkdir(parents=True, exist_ok=True)
            subprocess.run(
                [shutil.which("npm") or "npm", "install", "--silent", "--no-save", PG_DELTA],
                cwd=self.folder / "npm",
                check=True,
            )

    def versions(self) -> dict[str, str]:
        listed = subprocess.run(
            [self.python, "-m", "pip", "list", "--format=json"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        found: dict[str, str] = {
            package["name"].lower().replace("_", "-"): package["version"]
            for package in json.loads(listed)
        }
        return {
            "Alembic": found["alembic"],
            "SQLAlchemy": found["sqlalchemy"],
            "alembic-utils": found["alembic-utils"],
            "sqlalchemy-declarative-extensions": found["sqlalchemy-declarative-extensions"],
            "pg-delta": PG_DELTA.rpartition("@")[2],
        }
