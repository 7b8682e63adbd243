from pathlib import Path

import pytest

from tests.autogenerate.project import Project
from tests.conftest import Database


@pytest.fixture
def project(empty_database: Database, folder: Path) -> Project:
    return Project(folder, empty_database.owner)
