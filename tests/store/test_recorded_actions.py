"""Legal actions belong to an episode: they are stored, replayed and exported with it."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from qlmodels.archive import export, import_archive
from qlmodels.store import Episode, Hashed, InvalidValue, LearningStore, NoActions
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major

STORED = "select legal_actions from trajectories where task_id = $1"


async def stored(store: LearningStore, pool: asyncpg.Pool, given: Episode) -> Any:
    await store.record(given)
    found = await pool.fetchval(STORED, given.task_id)
    return None if found is None else json.loads(found)


@pytest.mark.parametrize(
    ("given", "lists"),
    [
        (None, None),
        (["go", "stay", {"jump": 2}], [["go", "stay", {"jump": 2}]]),
        ({"go": 1}.keys(), [["go"]]),
        ([["go"], ["go", {"jump": 2}], []], [["go"], ["go", {"jump": 2}], []]),
        ([("go",), ({"jump": 2}, 1.0)], [["go"], [{"jump": 2}, 1], []]),
        ([["go", {"jump": 2}]], [["go", {"jump": 2}]]),
        ([Hashed("h", "go")], [["go"]]),
    ],
    ids=str,
)
async def test_one_list_for_all_states_or_one_for_each(
    store: LearningStore, pool: asyncpg.Pool, given: Any, lists: Any
) -> None:
    assert await stored(store, pool, episode(legal=given)) == lists


async def test_lists_are_actions_where_they_were_taken(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    vectors = [[0, 1], [1, 0], [1, 1]]
    told = episode(actions=[[0, 1], [1.0, 0]], legal=vectors)
    assert await stored(store, pool, told) == [vectors]


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ([], NoActions, "0 legal actions"),
        ([["go"]] * 4, InvalidValue, "3 states but 4 lists of legal actions"),
        ([1j], InvalidValue, "legal action"),
        ("go", InvalidValue, "Give a list"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(
    store: LearningStore, given: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await store.record(episode(legal=given))


async def test_the_last_list_is_needed_where_the_episode_may_go_on() -> None:
    with pytest.raises(InvalidValue, match="the last state included"):
        episode(terminated=False, truncated=True, legal=[["go"], ["go"]])


async def test_a_replay_learns_with_what_was_legal_then(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await owner.execute("update agent_types set action_space_dimensions = null")
    legal = [["go"], [{"jump": 2}, "go"], ["stay"]]
    await store.record(episode(legal=legal, terminated=False, truncated=True))
    (one,) = await store.replay(1)
    assert one.legal == legal
    steps = one.transitions()
    assert [step.next_actions for step in steps] == legal[1:]
    assert [step.next_actions for step in one.transitions(["other"])] == [["other"]] * 2
    await store.learn_many(steps)
    await store.record(episode(task_id="all", legal=["go", {"jump": 2}]))
    await owner.execute("delete from trajectories where task_id <> 'all'")
    (one,) = await LearningStore(pool, AGENT, actions=["go"]).replay(1)
    assert one.legal == [["go", {"jump": 2}]] * 3
    first, last = one.transitions()
    assert (first.next_actions, last.next_actions) == (["go", {"jump": 2}], None)


async def test_the_phantom_action_of_a_number_does_not_count(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    """Two actions are legal; the agent type says eight, of which six would count as 0."""
    for action in ("go", "stay"):
        await store.upsert({"at": 1}, action, -3.0)
    told = episode(states=[{"at": 0}, {"at": 1}], actions=["go"], rewards=[-1.0])
    await store.record(Episode(**_fields(told) | {"terminated": False, "legal": ["go", "stay"]}))
    (one,) = await store.replay(1)
    (learned,) = await store.learn_many(one.transitions())
    assert learned.td_error == pytest.approx(-1 - 0.95 * 3)


@pytest.mark.parametrize("wrong", ["1", "[1]", "[[], []]", "[[], [], [], []]", "{}"])
async def test_the_database_refuses_what_is_no_list_of_lists(
    store: LearningStore, owner: asyncpg.Connection, wrong: str
) -> None:
    await store.record(episode())
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("update trajectories set legal_actions = $1", wrong)


async def test_an_archive_has_them(
    store: LearningStore, owner: asyncpg.Connection, database: Database, folder: Path
) -> None:
    await store.record(episode(legal=["go", {"jump": 2}]))
    before = await owner.fetchval("select legal_actions from trajectories")
    await export(database.owner, folder / "archive", agents=[AGENT])
    await owner.execute("delete from trajectories")
    await import_archive(database.owner, folder / "archive", replace=True)
    assert await owner.fetchval("select legal_actions from trajectories") == before


def _fields(given: Episode) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Episode.__slots__}
