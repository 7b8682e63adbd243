"""The blocks of docs/supabase.md run, in order, on a server shaped like a Supabase project."""

import os
import sys
from pathlib import Path

import pytest

from qlmodels.embedded import Binaries
from tests.docs.test_readme import run
from tests.support.markdown import blocks
from tests.support.supabase import supabase_project

PAGE = Path(__file__).parents[2] / "docs" / "supabase.md"


@pytest.mark.long
@pytest.mark.one_major
def test_every_block_runs(binaries: Binaries, folder: Path, environment: dict[str, str]) -> None:
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment["PYTHONWARNINGS"] = "error"
    (folder / "prod-ca-2021.crt").touch()
    with supabase_project(binaries) as project:
        for block in blocks(PAGE):
            run(block, folder, environment)
            if "qlmodels init" in block.text:  # whose server is not of this world
                url = project.set(drivername="postgresql")
                assert "postgres.abcdefghijklmnopqrst" in (folder / ".env").read_text()
                environment["DATABASE_URL"] = url.render_as_string(hide_password=False)
