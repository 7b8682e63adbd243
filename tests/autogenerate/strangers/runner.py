"""Runs a case with Alembic's own command line, in a database and a folder of its own."""

import asyncio
import difflib
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from shutil import copy

import pytest
from alembic.config import CommandLine
from sqlalchemy import URL

from qlmodels import paths
from qlmodels.connection import connect
from tests.autogenerate.strangers.case import HEAD, Case

INI = """\
[alembic]
script_location = %(here)s
path_separator = os
"""
COMMENT = re.compile(r"^--.*$", re.MULTILINE)
OF_THE_SESSION = ("\\", "SET ")
MADE_BY_MINOR_RELEASES = "(pg_attver="
"""Postgres 15.20 and later write it into the options of columns, and pg_dump prints it."""

ROLES = "select rolname from pg_catalog.pg_roles where oid >= 16384"


@dataclass(frozen=True)
class Server:
    """A server on which `owner` may create databases and roles, and is no superuser."""

    superuser: URL
    owner: URL
    programs: Path
    major: int

    def run(self, url: URL, *statements: str) -> None:
        """Run statements one by one."""

        async def execute() -> None:
            async with connect(url) as connection:
                for statement in statements:
                    await connection.execute(statement)

        asyncio.run(execute())

    def ask(self, url: URL, query: str) -> str:
        """Return all rows of `query`, one a line."""

        async def fetch() -> list[str]:
            async with connect(url) as connection:
                rows = await connection.fetch(query)
            return ["|".join(str(value) for value in row) for row in rows]

        return "\n".join(asyncio.run(fetch()))

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Create a database, and afterwards drop it with the roles made since."""
        maintenance = self.superuser.set(database="postgres")
        known = set(self.ask(maintenance, ROLES).split("\n"))
        self.run(maintenance, f'create database "{name}" owner {self.owner.username}')
        try:
            yield name
        finally:
            self.run(maintenance, f'drop database "{name}" with (force)')
            made = set(self.ask(maintenance, ROLES).split("\n")) - known
            self.run(maintenance, *(f'drop role "{role}"' for role in sorted(made)))

    def dump(self, name: str) -> list[str]:
        """Return what pg_dump says of each object of a database, but for Alembic's own table."""
        url = self.superuser
        given = [
            "-h",
            url.host,
            "-p",
            url.port,
            "-U",
            url.username,
            "-s",
            "-T",
            "*.alembic_version",
        ]
        done = subprocess.run(
            [self.programs / "pg_dump", *map(str, given), name],
            env={**os.environ, "PGPASSWORD": url.password or ""},
            capture_output=True,
            text=True,
            check=True,
        )
        kept = (line for line in done.stdout.splitlines() if MADE_BY_MINOR_RELEASES not in line)
        parts = COMMENT.split(
            "\n".join(line for line in kept if not line.startswith(OF_THE_SESSION))
        )
        return ["\n".join(filter(None, part.split("\n"))) for part in parts if part.strip()]


@dataclass
class Project:
    """A folder with alembic.ini, env.py and models.py, driven as from a shell."""

    folder: Path
    patch: pytest.MonkeyPatch
    said: StringIO = field(default_factory=StringIO)

    def make(self, environment: str) -> None:
        (self.folder / "versions").mkdir()
        (self.folder / "alembic.ini").write_text(INI)
        (self.folder / "env.py").write_text(environment)
        copy(paths.migrations() / "script.py.mako", self.folder)
        self.patch.syspath_prepend(str(self.folder))
        self.patch.setattr(sys, "dont_write_bytecode", True)

    def alembic(self, *arguments: str) -> str | None:
        """Run a command; return the sentence with which it failed, None if it did not."""
        sys.modules.pop("models", None)
        said = logging.StreamHandler(told := StringIO())
        errors = logging.getLogger("alembic.util.messaging")
        errors.addHandler(said)
        try:
            CommandLine().main(["-c", str(self.folder / "alembic.ini"), *arguments])
        except SystemExit as ended:
            if ended.code:
                return told.getvalue().strip() or f"exit status {ended.code}"
        finally:
            errors.removeHandler(said)
            sys.modules.pop("models", None)
        return None

    def revisions(self) -> set[Path]:
        return set((self.folder / "versions").glob("*.py"))


@dataclass
class Run:
    """One case on one server."""

    case: Case
    server: Server
    project: Project
    faults: list[str] = field(default_factory=list)
    by_others: dict[int, set[str]] = field(default_factory=dict)
    """By version, what a dump shows of what others made there."""

    def faults_of_case(self) -> list[str]:
        """Run it; return what is not as it should be."""
        with self.server.database(f"stranger_{self.case.name}") as name:
            self.name = name
            self._prepare()
            if self._forth():
                self._back()
            self._answers()
        return self.faults

    @property
    def _owner(self) -> URL:
        return self.server.owner.set(database=self.name)

    @property
    def _superuser(self) -> URL:
        return self.server.superuser.set(database=self.name)

    def _prepare(self) -> None:
        url = self._owner.set(drivername="postgresql+asyncpg")
        text = url.render_as_string(hide_password=False)
        self.project.make(self.case.environment.replace("URL", text))
        self.server.run(self._superuser, *self.case.by_superuser)
        self.server.run(self._owner, *self.case.by_owner)

    def _step(self, label: str, *arguments: str) -> bool:
        """Run a command; False where the case ends."""
        refusal = self.project.alembic(*arguments)
        wanted = self.case.refused.get(label)
        if refusal is None and wanted is not None:
            self.faults.append(f"{label} is not refused")
        elif refusal is not None and (wanted is None or wanted not in refusal):
            self.faults.append(f"{label}: {refusal}")
        return refusal is None

    def _forth(self) -> bool:
        """Reach version by version; return whether the last one was reached."""
        self.dumps = [self.server.dump(self.name)]
        for number, source in enumerate(self.case.models, 1):
            (self.project.folder / "models.py").write_text(HEAD + source)
            if not self._revise(number):
                return False
            if not self._step(f"{number} upgrade", *self._x(number), "upgrade", "head"):
                return False
            self._check(number)
            self.dumps.append(self._meanwhile(number))
        return True

    def _meanwhile(self, number: int) -> list[str]:
        """Have others do what they do at this version; remember what a dump shows of it."""
        sql = self.case.meanwhile.get(number)
        before = self.server.dump(self.name)
        if sql is None:
            return before
        self.server.run(self._superuser, sql)
        after = self.server.dump(self.name)
        self.by_others[number] = set(after) - set(before)
        return after

    def _x(self, number: int) -> list[str]:
        return [word for x in self.case.upgrade_x.get(number, ()) for word in ("-x", x)]

    def _revise(self, number: int) -> bool:
        before = self.project.revisions()
        x = [word for x in self.case.revision_x.get(number, ()) for word in ("-x", x)]
        given = ["revision", "--autogenerate", "-m", f"v{number}", "--rev-id", f"r{number}"]
        if not self._step(f"{number} revision", *x, *given):
            return False
        for path in self.project.revisions() - before:
            text = path.read_text()
            self.faults += [f"revision {number} holds {w!r}" for w in self.case.never if w in text]
            lacking = [w for w in self.case.must.get(number, ()) if w not in text.lower()]
            self.faults += [f"revision {number} lacks {word!r}" for word in lacking]
        return True

    def _check(self, number: int) -> None:
        found = self.project.alembic("check")
        wanted: Sequence[str] = self.case.check.get(number, ())
        if (found is None) != (not wanted) or any(word not in (found or "") for word in wanted):
            self.faults.append(f"{number} check: {found}")

    def _back(self) -> None:
        """Undo all versions, then reach the last one again, then write it all as a script."""
        for number in range(len(self.case.models), 0, -1):
            if not self._step(f"{number} downgrade", "downgrade", "-1"):
                return
            self._compare(f"{number} downgrade", number - 1)
        if self._step("again", "upgrade", "head"):
            self._compare("upgraded again", len(self.case.models))
        if self.case.offline:
            self._step("offline", "upgrade", "head", "--sql")

    def _compare(self, label: str, version: int) -> None:
        """With the dump of a version; what others made since is still there."""
        later = (made for number, made in self.by_others.items() if number > version)
        since = {part for made in later for part in made}
        before = self.dumps[version]
        now = [it for it in self.server.dump(self.name) if it in before or it not in since]
        old, new = ("\n".join(parts).split("\n") for parts in (before, now))
        different = difflib.unified_diff(old, new, lineterm="", n=1)
        if found := [*different][2:32]:
            self.faults.append("\n".join([f"{label} is not as before:", *found]))

    def _answers(self) -> None:
        for query, wanted in self.case.answers.items():
            given = self.server.ask(self._superuser, query)
            if wanted and given != wanted:
                self.faults.append(f"{query} gives {given!r}, not {wanted!r}")
