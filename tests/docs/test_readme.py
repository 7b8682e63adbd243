"""Every block of the README and of docs/ runs, in order, as a reader would run it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Database
from tests.support.markdown import Block, blocks
from tests.support.serving import running

ROOT = Path(__file__).parents[2]
PANEL = "http://127.0.0.1:8000/"
THEIR_URL = "postgresql://owner:password@127.0.0.1:5432/fleet"

ELSEWHERE = {
    "adopt.md",
    "backup.md",
    "recipes.md",
    "supabase.md",
    "your-project.md",
}  # on other kinds of database, in tests of their own
FIRST = [ROOT / "docs/tutorial.md", ROOT / "README.md"]  # the README takes another database
PAGES = [
    *FIRST,
    *sorted(
        page
        for page in (ROOT / "docs").glob("*.md")
        if page.name not in ELSEWHERE and page not in FIRST
    ),
]
ON_A_NEW_MACHINE = {
    "make up\n",  # test_stranger.py runs these three from a fresh clone and from a wheel
    "make test\n",
    "pip install 'qlmodels[all]'\nqlmodels up\n",
}
EXPORT = re.compile(r"^export (\w+)=", re.MULTILINE)
BENCHMARKS = "make bench"  # tests/benchmarks runs them, small


def run(block: Block, folder: Path, environment: dict[str, str]) -> None:
    """A block in a terminal, whose exports those that follow it find in `environment`."""
    text = block.text
    if block.language == "python":
        (folder / "example.py").write_text(text)
        text = "python example.py\n"
    names = EXPORT.findall(text)
    kept = folder / "exports"
    tell = "".join(f'printf "%s\\0" "${name}" >>"{kept}"\n' for name in names)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{text}\n{tell}"],  # noqa: S607
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{block.name}:\n{block.text}\n{done.stdout}{done.stderr}"
    if names:
        environment.update(zip(names, kept.read_text().split("\0"), strict=False))
        kept.unlink()


@pytest.mark.long
@pytest.mark.one_major
def test_every_block_runs(
    empty_database: Database, folder: Path, environment: dict[str, str]
) -> None:
    theirs = empty_database.owner.set(drivername="postgresql")
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment["PYTHONWARNINGS"] = "error"
    with running(environment, folder, "--no-demo") as said:
        for block in (block for page in PAGES for block in blocks(page)):
            if block.text not in ON_A_NEW_MACHINE and not block.text.startswith(BENCHMARKS):
                text = block.text.replace(THEIR_URL, theirs.render_as_string(hide_password=False))
                text = text.replace(PANEL, said["panel"].removesuffix("admin"))
                asked = Block(block.page, block.line, block.language, text)
                run(asked, folder, environment)
