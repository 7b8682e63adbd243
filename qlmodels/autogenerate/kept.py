"""What is kept between runs: the models' facts, as a server printed them.

Making hundreds of tables in a scratch database takes longer than reading those that are there. So
what a scratch database held is kept in a file of the user's cache, under a digest of all that it
depends on: the models' SQL, the server and its release, this library, the login and its roles, the
search_path, and what the models use of others. Another one of these gives another digest.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Self

import orjson
from sqlalchemy import Connection

from qlmodels import paths
from qlmodels.autogenerate import storage_options
from qlmodels.autogenerate.facts import CurrentLogin, Fact, Facts, Key
from qlmodels.autogenerate.reader import run_file

log = logging.getLogger("alembic.qlmodels")

MAX_KEPT = 32
"""Files; those that were used longest ago go first."""


@dataclass(frozen=True)
class Printed:
    """What a scratch database held: of others, and of the models."""

    lent: Facts
    declared: Facts


@dataclass(frozen=True)
class Kept:
    """The place of what was printed under one digest."""

    path: Path

    @classmethod
    def of(
        cls, connection: Connection, script: Sequence[str], used: Facts, search_path: str
    ) -> Self:
        """Where what `script` makes on the server of `connection` is kept."""
        server = [list(row) for row in run_file(connection, "server")]
        options = storage_options.setting(connection)
        known = [_library(), server, options, search_path, script, [*_rows(used)]]
        digest = sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return cls(paths.cache_directory() / "printed" / f"{digest}.json")

    def read(self, login: CurrentLogin) -> Printed | None:
        """What was kept, as `login` reads it; None where nothing was, or it cannot be read."""
        try:
            lent, declared = orjson.loads(self.path.read_bytes())
            whose = replace(login, owns_database=True)
            found = Printed(_facts(lent, whose), _facts(declared, whose))
            os.utime(self.path)
        except (OSError, ValueError, TypeError):
            return None
        return found

    def write(self, printed: Printed) -> None:
        """Keep it for later runs; where no file can be written, that is all."""
        whole = [[*_rows(facts)] for facts in (printed.lent, printed.declared)]
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.path.parent, suffix=".part", delete=False) as file:
                file.write(orjson.dumps(whole))
            Path(file.name).replace(self.path)
            _prune(self.path.parent)
        except OSError as reason:
            log.info("what the models declare is not kept for later runs: %s", reason)


@cache
def _library() -> list[str]:
    """This library: its version, and what its files hold that read and write facts."""
    folders = (paths.PACKAGE / "autogenerate", paths.PACKAGE / "ddl")
    files = sorted(file for folder in folders for file in folder.rglob("*.[ps][yq]*"))
    stamps = [f"{file.relative_to(paths.PACKAGE)} {file.stat().st_mtime_ns}" for file in files]
    return [version("qlmodels"), version("sqlalchemy"), *stamps]


def _prune(folder: Path) -> None:
    newest_first = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in newest_first[MAX_KEPT:]:
        with suppress(OSError):
            file.unlink()


def _rows(facts: Facts) -> Iterator[list[Any]]:
    for fact in facts.values():
        of = None if fact.of is None else [*fact.of]
        needs = [[*need] for need in sorted(fact.needs)]
        yield [*fact.key, of, fact.properties, fact.sql, needs]


def _facts(rows: Iterable[list[Any]], login: CurrentLogin) -> Facts:
    return Facts({fact.key: fact for fact in map(_fact, rows)}, login)


def _fact(row: list[Any]) -> Fact:
    kind, name, of, properties, sql, needs = row
    above = None if of is None else Key(*of)
    return Fact(Key(kind, name), above, properties, sql, frozenset(Key(*need) for need in needs))
