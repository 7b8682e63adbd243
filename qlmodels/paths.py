"""Where things lie, in a checkout and in an installed wheel."""

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent


def migrations() -> Path:
    """The Alembic environment: inside the package in a wheel, beside it in a checkout."""
    inside = PACKAGE / "migrations"
    return inside if inside.is_dir() else PACKAGE.parent / "migrations"


def home_directory() -> Path:
    """Where the embedded server keeps its data: QLMODELS_HOME, or the user's data directory."""
    if home := os.environ.get("QLMODELS_HOME"):
        return Path(home).expanduser().resolve()
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/qlmodels")
    return Path(platformdirs.user_data_dir("qlmodels", appauthor=False))


def cache_directory() -> Path:
    """Where is kept what can be made again: in QLMODELS_HOME, or the user's cache directory."""
    if home := os.environ.get("QLMODELS_HOME"):
        return Path(home).expanduser().resolve() / "cache"
    return Path(platformdirs.user_cache_dir("qlmodels", appauthor=False))
