"""The printed schema, as somebody pastes it into Supabase's SQL editor."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.embedded import Binaries
from tests.support.supabase import supabase_project


@pytest.mark.newest_first
def test_it_makes_the_schema_and_notes_the_revision(
    binaries: Binaries, environment: dict[str, str], folder: Path
) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "qlmodels", "sql"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stderr == ""

    async def paste(script: str) -> None:
        async with connect(project) as owner:
            await owner.execute(script)

    with supabase_project(binaries) as project:
        asyncio.run(paste(printed.stdout))
        assert asyncio.run(migrate.current(project)) == migrate.head()
        migrate.check(project)
        migrate.upgrade(project)
