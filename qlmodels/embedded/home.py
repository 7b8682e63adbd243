"""The folder of an embedded server, and what lies where in it."""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from qlmodels.embedded.account import Account
from qlmodels.embedded.errors import HomeUnusable

SOCKET_LIMIT = 103 if sys.platform == "darwin" else 107
TEMPORARY = Path("/tmp")  # noqa: S108 short everywhere, unlike TMPDIR of macOS
SOCKET_PREFIX = "qlmodels-"
UNQUOTABLE = frozenset('"$`\\\n')
"""Characters that pg_ctl would hand to a shell."""


@dataclass(frozen=True)
class Home:
    """Ours, but for `data` and `socket`, which are the account's that the server runs as.

    The account can reach what it needs and nothing else: as root nothing of ours is ever
    written into a folder of the account, where it could have planted a link.
    """

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works; renamed to `data` when it has succeeded."""
        return self.path / "data.new"

    @property
    def upgrading(self) -> Path:
        """Where the data of a new major version are made; renamed to `upgraded` once proved."""
        return self.path / "data.upgrading"

    @property
    def upgrade_source(self) -> Path:
        """A copy of the data, which an upgrade uses up."""
        return self.path / "data.source"

    @property
    def upgraded(self) -> Path:
        """Proved data, which take the place of `data` before anything else is done."""
        return self.path / "data.upgraded"

    def former(self, major: int) -> Path:
        """Where the data of an earlier major version stay: a path that is free."""
        names = chain([f"data.{major}"], (f"data.{major}.{number}" for number in count(2)))
        return next(path for name in names if not (path := self.path / name).exists())

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def settings(self) -> Path:
        return self.path / "settings.conf"

    @property
    def port(self) -> Path:
        return self.path / "port"

    @property
    def programs(self) -> Path:
        return self.path / "programs"

    def lock(self, name: str) -> Path:
        return self.path / "locks" / name

    def make(self) -> None:
        """Make the folder, closed to everybody else. Raises HomeUnusable and OSError."""
        if unquotable := UNQUOTABLE.intersection(str(self.path)):
            raise HomeUnusable(
                f"The folder {self.path} cannot hold the embedded PostgreSQL, because "
                f"its name has the character {min(unquotable)!r}: "
                "set QLMODELS_HOME to a folder with a plainer name."
            )
        if not self.path.exists():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.path / "locks", self.path / "passwords"):
            folder.mkdir(mode=0o700, exist_ok=True)

    def admit(self, account: Account) -> None:
        """Let the account pass through the home, and only that. Raises HomeUnusable."""
        self.path.chmod(self.path.stat().st_mode & 0o7777 | 0o011)
        if account.can("-x", self.path):
            return
        closed = next(
            folder
            for folder in reversed([self.path, *self.path.parents])
            if not account.can("-x", folder)
        )
        raise HomeUnusable(
            f"The embedded PostgreSQL in {self.path} runs as account {account.name}, because "
            f"PostgreSQL refuses root, and {closed} is closed to that account: set "
            "QLMODELS_HOME to a folder that it can reach, such as /var/lib/qlmodels, "
            "or run qlmodels as an ordinary user."
        )

    def folder(self, path: Path, account: Account | None) -> Path:
        """A new private folder for the server."""
        path.mkdir(mode=0o700)
        if account:
            os.chown(path, account.uid, account.gid)
        return path

    def socket_folder(self, account: Account | None) -> Path:
        """A private folder, here or, where the path would be too long, a short temporary one."""
        beside = self.path / "socket"
        if len(os.fsencode(beside / ".s.PGSQL.65535")) <= SOCKET_LIMIT:
            return beside if beside.is_dir() else self.folder(beside, account)
        short = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=TEMPORARY))
        if account:
            os.chown(short, account.uid, account.gid)
        return short

    def forget(self, socket_folder: Path) -> None:
        """Remove the socket folder once its server is gone: its lock file names a process id
        too, which may by now be somebody else's."""
        is_in_home = socket_folder == self.path / "socket"
        if is_in_home or (
            socket_folder.parent == TEMPORARY and socket_folder.name.startswith(SOCKET_PREFIX)
        ):
            shutil.rmtree(socket_folder, ignore_errors=True)
