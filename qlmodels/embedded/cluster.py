"""One data directory: made, started, stopped."""

import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qlmodels.embedded.errors import (
    HomeUnusable,
    OtherMajor,
    PortTaken,
    ServerFailed,
    disk_full,
)
from qlmodels.embedded.home import Home
from qlmodels.embedded.postmaster import read_postmaster
from qlmodels.embedded.programs import ProgramResult, Programs
from qlmodels.files import Lock, fsync_path

LISTEN_ADDRESS = "127.0.0.1"
MAX_PORT_ATTEMPTS = 5
START_TIMEOUT_S = "300"
"""Seconds that pg_ctl waits; a crash recovery may take long, a failure ends the wait at once."""
MIN_FREE_BYTES = 16 * 2**20
"""Bytes of one WAL segment: with less free space a failed start is put down to the disk."""
LOG_SEVERITY = re.compile(r"^.*?\b(PANIC|FATAL|ERROR|error|LOG):\s*")
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    home: Home
    programs: Programs
    superuser: str
    durable: bool
    settings: Mapping[str, str]

    def make(self, password: str, alive: Lock) -> None:
        """Run initdb, beside the final place, so that half a cluster is never taken for one."""
        self._discard_unfinished()
        try:
            self.initialize(self.home.unfinished, password, alive)
            self.home.unfinished.rename(self.home.data)
            fsync_path(self.home.path)
        except BaseException:
            self._discard_unfinished()
            raise

    def initialize(self, folder: Path, password: str, alive: Lock, *options: str) -> None:
        """Run initdb in a new folder. Raises ServerFailed."""
        with self.secret("password.new", password) as secret:
            made = self.programs.capture(
                "initdb",
                "-D",
                self.home.folder(folder, self.programs.account),
                "-U",
                self.superuser,
                "-A",
                "scram-sha-256",
                f"--pwfile={secret}",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
                *options,
                *([] if self.durable else ["--no-sync"]),
                keep=alive.fd,
            )
            if not made.succeeded:
                raise self.failure("make its data directory", made)
            self._include_settings(folder)

    @contextmanager
    def secret(self, name: str, text: str) -> Iterator[Path]:
        """A private file of the account's in the home, for as long as the block lasts."""
        path = self.home.path / name
        path.unlink(missing_ok=True)
        try:
            self._write_for_account(path, text)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def start(self, alive: Lock) -> None:
        """Start on a free port and wait until it answers. Raises PortTaken, ServerFailed."""
        self._clear_crash()
        if self.home.log.exists():
            self.home.log.replace(self.home.log.with_name("log.before"))
        sockets = self.home.socket_folder(self.programs.account)
        try:
            self._start_on_free_port(alive, sockets)
        except BaseException:
            self.home.forget(sockets)
            raise

    def _clear_crash(self) -> None:
        """Nobody of a former server is alive, as the caller knows by its lock."""
        if crashed := read_postmaster(self.home.data):
            self.home.forget(crashed.socket_folder)
        (self.home.data / "postmaster.pid").unlink(missing_ok=True)

    def _start_on_free_port(self, alive: Lock, sockets: Path) -> None:
        is_new = not self.home.port.exists()
        for remaining in reversed(range(MAX_PORT_ATTEMPTS)):
            port = self._port()
            self._write_settings(port, sockets)
            started = self.programs.run(
                "pg_ctl", "-D", self.home.data, "-w", "-t", START_TIMEOUT_S, "start", keep=alive.fd
            )
            if started.succeeded:
                return
            self.stop("immediate")
            if "could not create any TCP/IP sockets" not in started.output:
                raise self.failure("start", started)
            if "port" in self.settings or not remaining:
                raise _port_taken(port)
            if is_new:
                self.home.port.unlink(missing_ok=True)  # nobody was told of it

    def stop(self, mode: str = "fast") -> None:
        """Stop what runs, if anything does. Raises ServerFailed."""
        running = read_postmaster(self.home.data)
        if running is None:
            return
        stopped = self.programs.run(
            "pg_ctl", "-D", self.home.data, "-m", mode, "-w", "-t", START_TIMEOUT_S, "stop"
        )
        if not stopped.succeeded and read_postmaster(self.home.data) and running.answers():
            raise self.failure("stop", stopped)
        self.home.forget(running.socket_folder)

    def _port(self) -> int:
        """The port of the settings, else the one of last time, else any that is free.

        Raises PortTaken where another program has the one of last time.
        """
        if wanted := self.settings.get("port"):
            if not _free(int(wanted)):
                raise _port_taken(int(wanted))
            return int(wanted)
        try:
            remembered = int(self.home.port.read_text())
        except (FileNotFoundError, ValueError):
            remembered = 0
        if remembered and _free(remembered):
            return remembered
        if remembered:
            raise PortTaken(
                f"Port {remembered} of the embedded PostgreSQL, which is in the URLs of agents, is "
                f"taken by another program. Stop that program, or remove {self.home.port} to let "
                "the server move to another port; agents then need the URLs that `qlmodels login "
                "url` prints."
            )
        with socket.socket() as probe:
            probe.bind((LISTEN_ADDRESS, 0))
            port: int = probe.getsockname()[1]
        self.home.port.write_text(f"{port}\n")
        return port

    def _write_settings(self, port: int, sockets: Path) -> None:
        wanted = {
            "listen_addresses": LISTEN_ADDRESS,
            "unix_socket_directories": f'"{sockets}"',
            "wal_level": "logical",
            "cluster_name": "qlmodels",
        }
        if self.programs.binaries.library("pg_stat_statements"):
            wanted["shared_preload_libraries"] = "pg_stat_statements"
        wanted |= {} if self.durable else NOT_DURABLE
        wanted |= {**self.settings, "port": str(port)}
        lines = ["# written at every start; your own settings belong into data/postgresql.conf"]
        lines += [f"{name} = '{_escape(value)}'" for name, value in wanted.items()]
        self.home.settings.write_text("\n".join(lines) + "\n")
        self.home.settings.chmod(0o644)

    def _include_settings(self, folder: Path) -> None:
        """As the account, whose file it is; before what a person may add below."""
        line = "include_if_exists = '../settings.conf'"
        done = self.programs.capture(
            "/bin/sh", "-c", 'echo "$0" >> "$1"', line, folder / "postgresql.conf"
        )
        if not done.succeeded:
            raise self.failure("write its settings", done)

    def _write_for_account(self, path: Path, text: str) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            if self.programs.account:
                os.fchown(descriptor, self.programs.account.uid, self.programs.account.gid)
            file.write(text)

    def _discard_unfinished(self) -> None:
        if self.home.unfinished.exists():
            shutil.rmtree(self.home.unfinished)

    def failure(self, what: str, outcome: ProgramResult) -> Exception:
        """What to raise for a program that failed."""
        room = os.statvfs(self.home.path)
        full = room.f_bavail * room.f_frsize < MIN_FREE_BYTES
        if "No space left on device" in outcome.output or full:
            return disk_full(self.home.path)
        return ServerFailed(
            f"The embedded PostgreSQL in {self.home.path} could not {what} "
            f"({_reason(outcome.output)}): {self.home.log} tells more; "
            "set DATABASE_URL to use another server."
        )


def check_major(home: Home, major: int) -> None:
    """Raises OtherMajor, and HomeUnusable where the data directory is not one."""
    made_by = data_major(home)
    if made_by not in (None, major):
        raise OtherMajor(
            f"The data in {home.data} were made by PostgreSQL {made_by} and PostgreSQL {major}, "
            f"which would run here, cannot read them: install PostgreSQL {made_by} again, "
            "or set QLMODELS_HOME to a new folder (the old data stay as they are). `qlmodels "
            "backup` by the one and `qlmodels restore` by the other bring everything over."
        )


def data_major(home: Home) -> int | None:
    """The version that made the data; None when there are none. Raises HomeUnusable."""
    if not home.data.exists():
        return None
    try:
        return int((home.data / "PG_VERSION").read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise HomeUnusable(
            f"{home.data} exists and is not the data directory of a PostgreSQL server "
            "(its file PG_VERSION is missing or unreadable): restore it from a backup, "
            "or move it away to begin anew."
        ) from None


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LISTEN_ADDRESS, port))
        except (OSError, OverflowError):
            return False
    return True


def _port_taken(port: int) -> PortTaken:
    return PortTaken(
        f"The embedded PostgreSQL cannot listen on {LISTEN_ADDRESS}:{port}, because another "
        "program does or the port is not allowed: stop that program, or choose another port."
    )


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _reason(output: str) -> str:
    """The line that matters, without its time stamp."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    grave = [line for line in lines if LOG_SEVERITY.search(line)]
    settings = [line for line in lines if "parameter" in line and "log:" in line.lower()]
    chosen = (settings or grave or lines or ["it said nothing"])[-1]
    return LOG_SEVERITY.sub("", chosen).rstrip(".")
