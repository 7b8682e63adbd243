"""A PostgreSQL server of one's own: no container, no superuser of the machine, no set-up."""

from qlmodels.embedded.binaries import Binaries, all_binaries, find_binaries
from qlmodels.embedded.errors import (
    DiskFull,
    EmbeddedError,
    ForeignServer,
    HomeUnusable,
    NoAccount,
    NoBinaries,
    NotUpgradable,
    OtherMajor,
    PortTaken,
    ServerFailed,
)
from qlmodels.embedded.passwords import password_for
from qlmodels.embedded.provision import DATABASE, OWNER, provision
from qlmodels.embedded.server import EmbeddedServer, RunningServer

__all__ = [
    "DATABASE",
    "OWNER",
    "Binaries",
    "DiskFull",
    "EmbeddedError",
    "EmbeddedServer",
    "ForeignServer",
    "HomeUnusable",
    "NoAccount",
    "NoBinaries",
    "NotUpgradable",
    "OtherMajor",
    "PortTaken",
    "RunningServer",
    "ServerFailed",
    "all_binaries",
    "find_binaries",
    "password_for",
    "provision",
]
