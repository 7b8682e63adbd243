"""The blocks of docs/adopt.md run, in order, on a database of the original's."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from qlmodels.connection import connect
from tests.adopt.original import make_original
from tests.conftest import Database
from tests.docs.test_readme import THEIR_URL, run
from tests.support.markdown import Block, blocks

PAGE = Path(__file__).parents[2] / "docs" / "adopt.md"


@pytest.mark.long
@pytest.mark.one_major
def test_every_block_runs(
    empty_database: Database, folder: Path, environment: dict[str, str]
) -> None:
    asyncio.run(_fill(empty_database))
    theirs = empty_database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for block in blocks(PAGE):
        text = block.text.replace(THEIR_URL, theirs)
        run(Block(block.page, block.line, block.language, text), folder, environment)


async def _fill(database: Database) -> None:
    async with connect(database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
