"""The blocks of docs/backup.md run, in order, by an owner that is no superuser."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from qlmodels.backup import back_up
from qlmodels.connection import connect
from qlmodels.embedded import all_binaries
from tests.backup.test_backup import ROWS, USER, entries
from tests.conftest import Database
from tests.docs.test_readme import THEIR_URL, run
from tests.support.markdown import Block, blocks

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
OF_A_SUPERUSER = (
    "drop event trigger if exists refuse_drop_owned",
    "drop extension if exists pg_stat_statements",
)
"""What hosted databases have not, and pg_restore ends with an error for."""

pytestmark = [pytest.mark.newest_first, pytest.mark.long]


def test_every_block_runs(
    database: Database, folder: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    asyncio.run(_fill(database))
    theirs = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    programs = next(one for one in all_binaries() if one.major == database.server.major)
    own = f"{Path(sys.executable).parent}:{programs.folder}"
    environment["PATH"] = f"{own}:{os.environ['PATH']}"
    back_up(database.owner, tmp_path / "before")
    try:
        for block in blocks(PAGE):
            text = block.text.replace(THEIR_URL, theirs)
            run(Block(block.page, block.line, block.language, text), folder, environment)
        for name in (database.name, "restored", "moved"):
            back_up(database.owner.set(database=name), tmp_path / name)
            assert entries(tmp_path / name) == entries(tmp_path / "before"), name
    finally:
        asyncio.run(_drop(database, "restored", "moved"))


async def _fill(database: Database) -> None:
    async with connect(database.superuser) as superuser:
        for statement in OF_A_SUPERUSER:
            await superuser.execute(statement)
    async with connect(database.owner) as owner:
        await owner.execute(ROWS)
        await owner.execute(USER)


async def _drop(database: Database, *names: str) -> None:
    async with connect(database.owner) as owner:
        for name in names:
            await owner.execute(f"drop database if exists {name}")
