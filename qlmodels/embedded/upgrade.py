"""A new major version: pg_upgrade beside the data, which are replaced once the new ones are proved.

Whenever it is killed, `data` are whole: those of the old version, or those of the new one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from qlmodels.embedded.cluster import Cluster
from qlmodels.embedded.errors import NotUpgradable
from qlmodels.embedded.home import Home
from qlmodels.embedded.killed_upgrade import MARK, discard_unfinished, finish_upgrade
from qlmodels.embedded.programs import ProgramResult, Programs
from qlmodels.files import Lock, fsync_path

PORT: Final = "50432"
"""Of such a server, which listens in a folder of its own and nowhere else."""

CONTROL_SUMS: Final = "Data page checksum version:"
CONTROL_SEGMENT: Final = "Bytes per WAL segment:"
CARRY: Final = (
    "/bin/sh",
    "-c",
    'cd "$0" && cp pg_hba.conf pg_ident.conf postgresql.auto.conf "$1"'
    """ && sed "1,/^include_if_exists = '..\\/settings.conf'/d" postgresql.conf"""
    ' >> "$1/postgresql.conf"',
)
"""Run as the account, whose files they are: from the first folder to the second."""

_EXTENSIONS = "select distinct extname from pg_catalog.pg_extension where extname <> 'plpgsql'"
_DATABASES = "select datname from pg_catalog.pg_database where datallowconn order by datname"


@dataclass(frozen=True)
class MajorUpgrade:
    """From the version that made the data to that of `cluster`, whose server does not run."""

    cluster: Cluster
    old: Programs
    password: str
    alive: Lock

    @property
    def home(self) -> Home:
        return self.cluster.home

    @property
    def new(self) -> Programs:
        return self.cluster.programs

    def run(self) -> Path | None:
        """Where the former data are. Raises NotUpgradable before anything is touched, ServerFailed,
        DiskFull.
        """
        passwords = f"*:*:*:*:{self.password}\n"
        with self.cluster.secret("passwords.upgrade", passwords) as secret, self._sockets() as at:
            step = _Step(self, secret, at)
            self.home.settings.write_text("")
            try:
                step.refuse_missing_extensions()
                step.copy()
                step.make()
                step.upgrade()
                step.carry_settings()
                step.prove()
                self.home.upgrading.rename(self.home.upgraded)
            finally:
                discard_unfinished(self.home)
        fsync_path(self.home.path)
        return finish_upgrade(self.home)

    @contextmanager
    def _sockets(self) -> Iterator[Path]:
        folder = self.home.socket_folder(self.new.account)
        try:
            yield folder
        finally:
            self.home.forget(folder)


@dataclass(frozen=True)
class _Step:
    whole: MajorUpgrade
    secret: Path
    sockets: Path

    @property
    def home(self) -> Home:
        return self.whole.home

    def refuse_missing_extensions(self) -> None:
        old, new = self.whole.old, self.whole.new
        share = self._told(new, "pg_config", "--sharedir")
        with self._server(old, self.home.data):
            wanted = {
                name
                for database in self._ask("postgres", _DATABASES)
                for name in self._ask(database, _EXTENSIONS)
            }
        missing = sorted(
            name for name in wanted if not Path(share, "extension", f"{name}.control").is_file()
        )
        if missing:
            raise NotUpgradable(
                f"The data in {self.home.data} use {', '.join(missing)}, which PostgreSQL "
                f"{new.binaries.major} does not have here, so that they stay with PostgreSQL "
                f"{old.binaries.major}: install the extension for the new version, or drop it."
            )

    def make(self) -> None:
        """An empty cluster like the old one."""
        told = self._told(self.whole.old, "pg_controldata", self.home.data).splitlines()
        facts = dict(line.split(":", 1) for line in told if ":" in line)
        options = [f"--wal-segsize={int(facts[CONTROL_SEGMENT[:-1]]) // 2**20}"]
        if int(facts[CONTROL_SUMS[:-1]]):
            options.append("--data-checksums")
        elif self.whole.new.binaries.major >= 18:
            options.append("--no-data-checksums")
        self.whole.cluster.initialize(
            self.home.upgrading, self.whole.password, self.whole.alive, *options
        )

    def copy(self) -> None:
        """The data that pg_upgrade uses up, without what only their minor release knows."""
        old, source = self.whole.old, self.home.upgrade_source
        self.home.folder(source, old.account)
        copy = ("/bin/sh", "-c", 'cp -a "$0/." "$1"', self.home.data, source)
        self._done("copy its data", self._run(old, *copy))
        script = resources.files("qlmodels.embedded") / "sql" / "unknown_options.sql"
        with self._server(old, source):
            for database in self._ask("postgres", _DATABASES):
                self._ask(database, script.read_text("utf-8"))

    def upgrade(self) -> None:
        durable = self.whole.cluster.durable
        self._done(
            "take over its data of the former version",
            self._run(
                self.whole.new,
                "pg_upgrade",
                *("--old-bindir", self.whole.old.binaries.folder),
                *("--new-bindir", self.whole.new.binaries.folder),
                *("--old-datadir", self.home.upgrade_source),
                "--link",
                *("--new-datadir", self.home.upgrading),
                *("--username", self.whole.cluster.superuser),
                *("--socketdir", self.sockets),
                *(() if durable else ("--no-sync",)),
                folder=self.home.upgrading,
            ),
        )

    def carry_settings(self) -> None:
        """What was added to the old files; a new version knows other settings by default."""
        folders = (self.home.data, self.home.upgrading)
        self._done("carry over its settings", self._run(self.whole.new, *CARRY, *folders))

    def prove(self) -> None:
        """Start it, bring collations and statistics up to date, and check every page and index."""
        script = resources.files("qlmodels.embedded") / "sql" / "collations.sql"
        new = self.whole.new
        with self._server(new, self.home.upgrading):
            for database in self._ask("postgres", _DATABASES):
                for command in self._ask(database, script.read_text("utf-8")):
                    self._ask(database, command)
            only = ["--missing-stats-only"] if new.binaries.major >= 18 else []
            self._done(
                "gather statistics",
                self._run(new, "vacuumdb", "--all", "--analyze-only", *only, *self._place()),
            )
            with_it = "select 1 from pg_catalog.pg_extension where extname = 'amcheck'"
            databases = self._ask("postgres", _DATABASES)
            before = {name for name in databases if self._ask(name, with_it)}
            self._done(
                "prove its data",
                self._run(new, "pg_amcheck", "--all", "--install-missing", *self._place()),
            )
            for name in databases:
                if name not in before:
                    self._ask(name, "drop extension if exists amcheck")

    @contextmanager
    def _server(self, programs: Programs, data: Path) -> Iterator[None]:
        """One that nobody but this upgrade reaches."""
        options = (
            f"-c listen_addresses= -c unix_socket_directories={self.sockets} -c port={PORT}"
            f" -c cluster_name={MARK} -c shared_preload_libraries="
        )
        self._done(
            "start for an upgrade",
            programs.run(
                "pg_ctl", "-D", data, "-w", "-t", "600", "-o", options, "start", keep=self._fd
            ),
        )
        try:
            yield
        finally:
            self._done(
                "stop after an upgrade",
                programs.run("pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "600", "stop"),
            )

    def _ask(self, database: str, query: str) -> list[str]:
        """The first column of the rows."""
        name = database.replace("\\", "\\\\").replace("'", "\\'")
        place = ("-d", f"dbname='{name}' options='-c client_min_messages=error'", *self._place())
        result = self._run(self.whole.new, "psql", "-X", "-A", "-t", "-q", "-c", query, *place)
        self._done("answer an upgrade", result)
        return result.output.splitlines()

    def _place(self) -> tuple[str | Path, ...]:
        return ("-h", self.sockets, "-p", PORT, "-U", self.whole.cluster.superuser)

    def _told(self, programs: Programs, program: str, *arguments: str | Path) -> str:
        result = self._run(programs, program, *arguments)
        self._done("be looked at", result)
        return result.output.strip()

    def _run(
        self,
        programs: Programs,
        program: str,
        *arguments: str | Path,
        folder: Path | None = None,
    ) -> ProgramResult:
        return programs.capture(
            program, *arguments, keep=self._fd, folder=folder, password_file=self.secret
        )

    @property
    def _fd(self) -> int:
        return self.whole.alive.fd

    def _done(self, what: str, result: ProgramResult) -> None:
        if not result.succeeded:
            raise self.whole.cluster.failure(what, result)
