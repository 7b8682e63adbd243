"""Keys of advisory locks stand in one table, and everything that takes one reads it there."""

import re
from pathlib import Path

import pytest

from qlmodels.advisory_locks import AdvisoryLock

SOURCES = [
    path
    for folder in ("qlmodels", "admin/qlmodels_admin")
    for path in (Path(__file__).parents[1] / folder).rglob("*")
    if path.suffix in {".py", ".sql"}
]
STATE = "v_agent, v_state.key"
"""Two integers, in qlmodels.lock_states."""

CALL = re.compile(r"pg_(?:try_)?advisory_(?:xact_)?lock(?:_shared)?\(([^)]*)\)")


def test_every_lock_binds_its_key() -> None:
    calls = [call for path in SOURCES for call in CALL.findall(path.read_text("utf-8"))]
    assert len(calls) >= 6
    assert set(calls) <= {"$1", ":key", ":lock", STATE}


@pytest.mark.parametrize("lock", AdvisoryLock)
def test_each_lock_is_used_and_its_key_is_written_once(lock: AdvisoryLock) -> None:
    texts = [path.read_text("utf-8") for path in SOURCES]
    assert sum(f"AdvisoryLock.{lock.name}" in text for text in texts) >= 1
    assert sum(len(re.findall(str(int(lock)), text.replace("_", ""))) for text in texts) == 1


def test_the_key_of_released_upgrades_stays() -> None:
    assert int(AdvisoryLock.SCHEMA_UPGRADE) == 7160425201


def test_a_lock_of_a_session_is_taken_on_a_direct_connection_alone() -> None:
    """A transaction pooler would leave it on a connection that others get next."""
    calls = re.compile(r"pg_(?:try_)?advisory_(?:lock|unlock)")
    found = [path.name for path in SOURCES if calls.search(path.read_text("utf-8"))]
    assert found == ["provision.py"]
