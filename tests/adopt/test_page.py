"""The blocks of docs/adopt.md run, in order, on a database of the original's: there and back."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from qlmodels.connection import connect
from qlmodels.embedded import all_binaries
from tests.adopt.original import make_original
from tests.adopt.test_adopt import Rows, rows_of
from tests.conftest import Database
from tests.docs.test_readme import THEIR_URL, run
from tests.support.markdown import Block, blocks

PAGE = Path(__file__).parents[2] / "docs" / "adopt.md"


@pytest.mark.long
@pytest.mark.one_major
def test_every_block_runs(
    empty_database: Database, folder: Path, environment: dict[str, str]
) -> None:
    before = asyncio.run(_fill(empty_database))
    theirs = empty_database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    programs = next(one for one in all_binaries() if one.major == empty_database.server.major)
    own = f"{Path(sys.executable).parent}:{programs.folder}"
    environment["PATH"] = f"{own}:{os.environ['PATH']}"
    for block in blocks(PAGE):
        text = block.text.replace(THEIR_URL, theirs)
        run(Block(block.page, block.line, block.language, text), folder, environment)
    assert asyncio.run(_rows(empty_database)) == before


async def _fill(database: Database) -> Mapping[str, Rows]:
    async with connect(database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
        return await rows_of(owner)


async def _rows(database: Database) -> Mapping[str, Rows]:
    async with connect(database.owner) as owner:
        return await rows_of(owner)
