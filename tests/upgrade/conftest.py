"""A database at the revision of the release before, and that release's library."""

import asyncio
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from qlmodels import migrate
from tests.conftest import Database

HERE = Path(__file__).parent
BEFORE = "0001"


@dataclass(frozen=True)
class Service:
    """An agent's process, by that release."""

    process: subprocess.Popen[str]

    def is_ready(self) -> bool:
        """Waits until it has done everything once; False if it has ended instead."""
        assert self.process.stdout is not None
        return self.process.stdout.readline() == "ready\n"

    def stop(self) -> dict[str, Any]:
        """Let it end, and say how it went."""
        output, errors = self.process.communicate("", timeout=120)
        assert self.process.returncode == 0, errors
        report: dict[str, Any] = json.loads(output)
        return report


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release before, as services have it installed."""
    folder = tmp_path_factory.mktemp("release")
    (wheel,) = HERE.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


@pytest.fixture
def services() -> Iterator[list[Service]]:
    """Those that were started; none outlives the test."""
    started: list[Service] = []
    yield started
    for service in started:
        service.process.kill()
        service.process.wait()


def start(library: Path, url: URL, agent_type: str) -> Service:
    shown = url.render_as_string(hide_password=False)
    return Service(
        subprocess.Popen(
            [sys.executable, str(HERE / "service.py")],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(library),
                "HOME": str(library),
                "AGENT_URL": shown,
                "AGENT_TYPE": agent_type,
            },
            cwd=library,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )


@pytest.fixture
async def before(empty_database: Database) -> Database:
    """Migrated no further than the release before does."""
    await asyncio.to_thread(migrate.upgrade, empty_database.owner, BEFORE)
    return empty_database
