"""The embedded server as its users see it: the first one starts it, the last one stops it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import URL

from qlmodels.embedded.account import Account, account_for
from qlmodels.embedded.binaries import Binaries, all_binaries, find_binaries
from qlmodels.embedded.cluster import LISTEN_ADDRESS, Cluster, check_major, data_major
from qlmodels.embedded.errors import ForeignServer, HomeUnusable, ServerFailed, one_sentence
from qlmodels.embedded.home import Home
from qlmodels.embedded.killed_upgrade import end_killed_upgrade, finish_upgrade
from qlmodels.embedded.passwords import password_file, password_for
from qlmodels.embedded.postmaster import Postmaster, read_postmaster
from qlmodels.embedded.programs import Programs, keep_programs, kept_binaries, usable
from qlmodels.embedded.upgrade import MajorUpgrade
from qlmodels.files import Lock

SETTLE_TIMEOUT_S = 60.0
"""Seconds that a server may take to finish a start or a stop that somebody else began."""


@dataclass(frozen=True)
class RunningServer:
    host: str
    port: int
    home: Path
    major: int
    superuser: str
    password: str = field(repr=False)
    """The superuser's."""

    def url(self, user: str, password: str, database: str) -> URL:
        return URL.create("postgresql+asyncpg", user, password, self.host, self.port, database)


class EmbeddedServer:
    """A context manager: joins the running server of this home, or starts it.

    Kernel locks count the users, so one that is killed neither stops the server nor keeps it
    running: the next user adopts it. `settings` are PostgreSQL's own, by name, and count for
    the user who starts the server. `durable=False` is for tests: a crash of the machine may
    cost the data. Without `binaries` those are taken that fit the data, else the preferred.
    With `upgrade` data of an earlier major version are taken over by that of the binaries, or of
    the preferred ones; the former data stay beside them, in `data.15` for example.

    Raises subclasses of EmbeddedError when entered or left; not to be entered twice at a time.
    """

    def __init__(
        self,
        home: Path,
        *,
        binaries: Binaries | None = None,
        durable: bool = True,
        settings: Mapping[str, str] = MappingProxyType({}),
        superuser: str = "postgres",
        upgrade: bool = False,
    ) -> None:
        self._home = Home(home.expanduser().resolve())
        self._binaries = binaries
        self._durable = durable
        self._settings = settings
        self._superuser = superuser
        self._upgrade = upgrade
        self.former_data: Path | None = None
        """Data of the former major version, if they were upgraded when this was entered."""

    def __enter__(self) -> RunningServer:
        with one_sentence(self._home.path):
            self._home.make()
            with Lock(self._home.lock("turn")) as turn:
                turn.wait()
                finish_upgrade(self._home)
                self._cluster = self._prepare()
                self._users = Lock(self._home.lock("users"))
                self._users.share()
                try:
                    return self._running()
                except BaseException:
                    self._leave()
                    raise

    def __exit__(self, *_: object) -> None:
        with one_sentence(self._home.path), Lock(self._home.lock("turn")) as turn:
            turn.wait()
            self._leave()

    def answers(self) -> bool:
        """Whether the server takes connections, as far as one attempt tells."""
        server = read_postmaster(self._home.data)
        return server is not None and server.answers()

    def keep_programs(self) -> None:
        """Keep the programs that run in the home; a later release may come with others.

        Raises subclasses of EmbeddedError.
        """
        with one_sentence(self._home.path), Lock(self._home.lock("turn")) as turn:
            turn.wait()
            keep_programs(self._cluster.programs.binaries, self._home)

    def start_again(self) -> None:
        """Start the server on its port if it has ended since it was entered.

        Raises subclasses of EmbeddedError.
        """
        with one_sentence(self._home.path), Lock(self._home.lock("turn")) as turn:
            turn.wait()
            self._running()

    def _prepare(self) -> Cluster:
        account = account_for(self._home.data)
        if account:
            self._home.admit(account)
        binaries = _fitting(self._home) if self._upgrade else self._binaries
        binaries = binaries or self._binaries or _fitting(self._home)
        check_major(self._home, binaries.major)
        return self._cluster_of(binaries, account)

    def _cluster_of(self, binaries: Binaries, account: Account | None) -> Cluster:
        return Cluster(
            self._home,
            Programs(usable(binaries, account, self._home), account, self._home),
            self._superuser,
            self._durable,
            self._settings,
        )

    def _upgraded(self, old: Cluster, password: str, alive: Lock) -> Cluster:
        """The cluster of the new version; the old one where there is none."""
        new = self._binaries or find_binaries()
        if new.major <= old.programs.binaries.major or not self._home.data.exists():
            return old
        cluster = self._cluster_of(new, old.programs.account)
        self.former_data = MajorUpgrade(cluster, old.programs, password, alive).run()
        return cluster

    def _running(self) -> RunningServer:
        """Join or start; the caller has the turn and is counted as a user."""
        with Lock(self._home.lock("server")) as alive:
            end_killed_upgrade(self._home, alive)
            server = self._settled(alive)
            password = self._password()
            if server is None:
                self._refuse_foreign()
                if self._upgrade:
                    self._cluster = self._upgraded(self._cluster, password, alive)
                if not self._home.data.exists():
                    self._cluster.make(password, alive)
                self._cluster.start(alive)
                server = read_postmaster(self._home.data)
        if server is None:
            raise ServerFailed(
                f"The embedded PostgreSQL in {self._home.path} stopped as soon as it had "
                f"started: see {self._home.log}."
            )
        return RunningServer(
            LISTEN_ADDRESS,
            server.port,
            self._home.path,
            data_major(self._home) or 0,
            self._superuser,
            password,
        )

    def _password(self) -> str:
        """The superuser's; a new one is of no use to data that know another."""
        file = password_file(self._home.path, self._superuser)
        if self._home.data.exists() and not file.exists():
            raise HomeUnusable(
                f"The data in {self._home.data} were made for a superuser whose password lay in "
                f"{file.parent}, and {file.name} is not there, so nobody can administer them: "
                "restore that file from a backup, or set QLMODELS_HOME to a new folder."
            )
        return password_for(self._home.path, self._superuser)

    def _leave(self) -> None:
        """Stop being a user; the last one stops the server and waits for its processes to end."""
        with self._users as users:
            if not users.attempt():
                return
            with Lock(self._home.lock("server")) as alive:
                if self._settled(alive) is not None:
                    self._cluster.stop()
                    self._settled(alive, stopping=True)

    def _settled(self, alive: Lock, *, stopping: bool = False) -> Postmaster | None:
        """The server that answers, or None: then no process of it is left and `alive` is ours.

        A server and all its children hold `alive` open, so neither a stale pid file nor a pid
        that was used again can deceive.
        """
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while not alive.attempt():
            server = read_postmaster(self._home.data)
            if server and server.answers() and not stopping:
                return server
            if time.monotonic() > deadline:
                raise ServerFailed(
                    f"The embedded PostgreSQL in {self._home.path} neither answers nor ends: "
                    f"see {self._home.log}, end its processes, and start again."
                )
            time.sleep(0.01)
        return None

    def _refuse_foreign(self) -> None:
        server = read_postmaster(self._home.data)
        if server and server.serves(self._home.data):
            raise ForeignServer(
                f"Process {server.pid} is a PostgreSQL server that qlmodels did not start, and "
                f"it uses {self._home.data}: stop it (`pg_ctl -D {self._home.data} stop`) and "
                f"start again, or set DATABASE_URL to use it as it is."
            )


def _fitting(home: Home) -> Binaries:
    """The binaries for the home's data, of the machine or kept; the preferred where none fits."""
    major = data_major(home)
    at_hand = all_binaries()
    if major is not None and not any(binaries.major == major for binaries in at_hand):
        at_hand = kept_binaries(home)
    fitting = (binaries for binaries in at_hand if binaries.major == major)
    return next(fitting, None) or find_binaries()
