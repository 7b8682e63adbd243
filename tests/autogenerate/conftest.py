from pathlib import Path

import pytest

from tests.autogenerate.project import Project
from tests.conftest import Database


@pytest.fixture
def project(empty_database: Database, folder: Path) -> Project:
    return Project(folder, empty_database.owner)


@pytest.fixture
def nothing_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a test compare as on a machine on which nothing was compared before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
