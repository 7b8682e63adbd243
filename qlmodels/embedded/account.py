"""The account that the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from qlmodels.embedded.errors import NoAccount

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def can(self, test: str, path: Path) -> bool:
        """Ask the kernel in the account's place: `-x` enter or run, `-r` read."""
        done = subprocess.run(
            ["/bin/sh", "-c", 'test "$0" "$1"', test, path],
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )
        return done.returncode == 0


def account_for(data: Path) -> Account | None:
    """None is ourselves. As root: whoever owns the data, else an account made for such work.

    Raises NoAccount.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(_name(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise NoAccount(" ".join((NoAccount.__doc__ or "").split()))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
