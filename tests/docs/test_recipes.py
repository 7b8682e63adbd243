"""Each recipe runs as it is, and the first is as short as it says."""

import ast
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qlmodels.connection import connect
from tests.conftest import Database
from tests.support.markdown import Block, blocks

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
BLOCKS = blocks(PAGE)
AGENT = "test-generator"
CLIENT = """
import asyncio

from httpx import ASGITransport, AsyncClient


async def use() -> None:
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        sent = {"agent_type": "lake-walker", "session_name": "by hand"}
        made = (await client.post("/sessions/", json=sent)).json()
        path = f"/sessions/{made['agent_type']}/{made['session_id']}"
        changed = (await client.patch(path, json={"status": "completed"})).json()
        assert changed["status"] == "completed", changed
        read = {row["session_id"]: row for row in (await client.get("/sessions/")).json()}
        assert read[made["session_id"]]["trajectories"] == [], read
        assert (await client.patch(path, json={"status": "done"})).status_code == 422
    await engine.dispose()


asyncio.run(use())
"""


def awaits_at_the_top(block: Block) -> bool:
    return any(
        isinstance(part, ast.Await)
        for node in ast.parse(block.text).body
        if not isinstance(node, ast.AsyncFunctionDef)
        for part in ast.walk(node)
    )


def run(text: str, folder: Path, database: Database) -> None:
    script = folder / "recipe.py"
    script.write_text(text.replace("lake-walker", AGENT), "utf-8")
    url = database.url(f"ql_{AGENT}").render_as_string(hide_password=False)
    environment = os.environ | {
        "AGENT_URL": url,
        "HOME": str(folder),
        "MPLBACKEND": "agg",
        "PYTHONWARNINGS": "error::ResourceWarning",
    }
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_learning_curve_takes_less_than_25_lines() -> None:
    """With `pip install`, and the learning loop written out."""
    first = BLOCKS[0].text
    assert len([line for line in first.splitlines() if line.strip()]) + 1 < 25
    assert "store.learn(" in first
    assert "while " in first


@pytest.mark.long
@pytest.mark.one_major
async def test_every_recipe_runs(database: Database, folder: Path) -> None:
    for block in BLOCKS:
        text = block.text
        if "FastAPI()" in text:
            text += CLIENT
        if awaits_at_the_top(block):  # as IPython runs a cell
            lines = "".join(f"    {line}\n" for line in text.splitlines())
            text = f"import asyncio\n\nasync def cell():\n{lines}\nasyncio.run(cell())\n"
        await asyncio.to_thread(run, text, folder, database)
    assert (folder / "curve.png").read_bytes().startswith(b"\x89PNG")
    async with connect(database.superuser) as connection:
        before_the_goal = await connection.fetchval(
            "select action_data #>> '{}' from q_values where state_data = '{\"place\": 4}' "
            "order by q_value desc limit 1"
        )
    assert before_the_goal == "right"
