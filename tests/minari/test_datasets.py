"""What agents recorded, read back by Minari itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gymnasium
import minari
import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete, Space, Tuple
from minari.namespace import list_local_namespaces

from qlmodels import LearningStore, create_pool
from qlmodels.connection import connect
from qlmodels.errors import UnknownAgentType
from qlmodels.minari import (
    DatasetExists,
    InvalidDatasetId,
    NothingToExport,
    NotInSpace,
    UnknownEnvironment,
    export_dataset,
)
from qlmodels.minari.spaces import SpaceSketch
from qlmodels.store import Episode
from tests.conftest import Database

pytestmark = pytest.mark.one_major

AGENT = "test-generator"


async def record(database: Database, *episodes: Episode) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT, instance="first")
        await store.start_session("a run", environment="here")
        await store.record_many(episodes)


def episode(
    states: Sequence[Any], actions: Sequence[Any], *, minute: int = 0, **others: Any
) -> Episode:
    moment = datetime(2026, 1, 1, 12, minute, tzinfo=UTC)
    given = {"rewards": [0.5] * len(actions), "success": True, "terminated": True, **others}
    return Episode(
        task_id="t", states=states, actions=actions, started_at=moment, completed_at=moment, **given
    )


async def dataset(database: Database, root: Path, **options: Any) -> minari.MinariDataset:
    exported = await export_dataset(database.owner, AGENT, root=root, **options)
    found = minari.MinariDataset(exported.folder / "data")
    assert found.total_episodes == exported.tally.episodes == len(list(found))
    assert found.total_steps == exported.tally.steps
    return found


def found_in(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def values_of(space: Space[Any], column: Any, names: Any) -> list[Any]:
    """The JSON values again, from what Minari reads."""
    match space:
        case Dict():
            columns = {
                key: values_of(inner, column[key], (names or {}).get(key))
                for key, inner in space.spaces.items()
            }
            return [
                dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
            ]
        case Tuple():
            parts = [
                values_of(inner, column[index], (names or {}).get(str(index)))
                for index, inner in enumerate(space.spaces)
            ]
            return [list(row) for row in zip(*parts, strict=True)]
        case _:
            values = column.tolist()
            return values if names is None else [names[number] for number in values]


ROW = """
insert into trajectories (
    agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, started_at,
    completed_at
)
values ('test-generator', 't', $1, $2, $3, $4, $5, 0, 0, 0, true, $6, false, now(),
        clock_timestamp())
"""


@dataclass(frozen=True)
class Row:
    """A trajectory as clients of other makes may write it."""

    initial: Any
    final: Any
    states: list[Any]
    actions: list[Any]
    rewards: list[Any]
    terminated: bool = True


async def insert_rows(database: Database, *rows: Row) -> None:
    async with connect(database.owner) as owner:
        for row in rows:
            documents = (row.initial, row.final, row.actions, row.states, row.rewards)
            await owner.execute(ROW, *map(json.dumps, documents), row.terminated)


KINDS: dict[str, tuple[list[Any], Space[Any]]] = {
    "whole numbers": ([0, 15, 4], Discrete(16)),
    "below nought": ([-3, 2, 0], Discrete(6, start=-3)),
    "far apart": ([0, 2**40, -1], Box(-(2**63), 2**63 - 1, (), np.int64)),
    "too large for 64 bits": ([2**70, 1, 0], Discrete(3)),
    "numbers": ([0.1, 2, 0.5, -1e300], Box(-np.inf, np.inf, (), np.float64)),
    "texts": (["left", "right", "left"], Discrete(2)),
    "flags": ([True, False, True], Discrete(2)),
    "one of everything": ([None, {"a": 1}, [True]], Discrete(3)),
    "places": ([[0, 3], [1, 2], [3, 0]], MultiDiscrete([4, 4])),
    "vectors": ([[0.5, 3], [1, 2], [3, 0]], Box(-np.inf, np.inf, (2,), np.float64)),
    "pairs": ([["a", 3], ["b", 2], ["a", 0]], Tuple([Discrete(2), Discrete(4)])),
    "other lengths": ([[0], [1, 2], []], Discrete(3)),
    "features": (
        [{"coverage": 0.5, "module": "auth"}, {"module": "db", "coverage": 1}] * 2,
        Dict({"coverage": Box(-np.inf, np.inf, (), np.float64), "module": Discrete(2)}),
    ),
    "nested": (
        [{"at": {"row": 1, "column": 3}, "by": ["x", True]}] * 2,
        Dict(
            {
                "at": Dict({"column": Discrete(4), "row": Discrete(2)}),
                "by": Tuple([Discrete(1), Discrete(1)]),
            }
        ),
    ),
    "other features": ([{"a": 1}, {"b": 1}, {"a": 1}], Discrete(2)),
    "names that are paths": ([{"a/b": 1}, {"a/b": 2}], Discrete(2)),
    "no features": ([{}, {}], Discrete(1)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_values_come_out_as_what_they_are(kind: str) -> None:
    values, space = KINDS[kind]
    sketch = SpaceSketch()
    sketch.see_all(values)
    found = sketch.space()
    found.learn(values)
    assert found.space == space
    assert values_of(found.space, found.encode(values), found.names) == values


async def test_minari_reads_values_of_every_kind(database: Database, tmp_path: Path) -> None:
    states = [
        {kind: values[step % len(values)] for kind, (values, _) in KINDS.items()}
        for step in range(12)
    ]
    actions = [list(state.values()) for state in states[1:]]
    await insert_rows(database, Row(states[0], states[-1], states, actions, [0.5] * 11))
    found = await dataset(database, tmp_path)
    assert found.observation_space == Dict({kind: space for kind, (_, space) in KINDS.items()})
    names = found.storage.metadata["qlmodels"]
    assert values_of(found.observation_space, found[0].observations, names["states"]) == states
    assert values_of(found.action_space, found[0].actions, names["actions"]) == actions


async def test_every_episode_row_for_row(database: Database, tmp_path: Path) -> None:
    given = [
        episode(["s", "t", "u"], ["a", "b"], rewards=[0.1, -1e300], seed=-(2**63)),
        episode(["t"] * 4, ["b"] * 3, minute=1, terminated=False, truncated=True, success=False),
        episode(
            ["u", "s"],
            ["a"],
            minute=2,
            truncated=True,
            exploration_rate=0.25,
            is_evaluation=True,
            policy_version=7,
        ),
    ]
    await record(database, *reversed(given))
    found = await dataset(database, tmp_path)
    names = found.storage.metadata["qlmodels"]
    metadata = found.storage.get_episode_metadata(range(3))
    for read, about, wanted in zip(found, metadata, given, strict=True):
        steps = len(wanted.actions)
        assert (
            values_of(found.observation_space, read.observations, names["states"]) == wanted.states
        )
        assert values_of(found.action_space, read.actions, names["actions"]) == wanted.actions
        assert (read.rewards.dtype, read.rewards.tolist()) == (np.float64, wanted.rewards)
        assert read.terminations.tolist() == [False] * (steps - 1) + [wanted.terminated]
        assert read.truncations.tolist() == [False] * (steps - 1) + [wanted.truncated]
        assert read.infos == {}
        assert repr(read)
        assert about.get("seed") == wanted.seed
        assert about["trajectory_id"] == str(wanted.trajectory_id)
        assert (about["agent_type"], about["agent_instance_id"]) == (AGENT, "first")
        assert about["environment"] == "here"
        assert about["total_steps"] == steps
        for name in ("success", "is_evaluation", "policy_version", "total_reward"):
            assert about[name] == getattr(wanted, name)
        assert about.get("exploration_rate") == wanted.exploration_rate
        assert about["completed_at"] == wanted.completed_at.isoformat()
        assert not about["was_left"]
        assert not about["last_state_is_repeated"]


ODD = {
    "no step was taken": Row(0, 0, [0], [], []),
    "a reward is no finite number": Row(0, 2, [0, 1], [0, 0], ["1", 1]),
    "the states do not begin with the initial state": Row(5, 2, [0, 1], [0, 0], [1, 1]),
    "the states do not end with the final state": Row(0, 5, [0, 1, 2], [0, 0], [1, 1]),
    "the state after the last step was not recorded": Row(0, 1, [0, 1], [0, 0], [1, 1], False),
}


async def test_what_cannot_be_an_episode_is_counted(database: Database, tmp_path: Path) -> None:
    huge = Row(0, 2, [0, 1], [0, 0], [1, 10**400])
    await insert_rows(database, *ODD.values(), *ODD.values(), huge)
    with pytest.raises(NothingToExport, match="of 2 no step was taken"):
        await export_dataset(database.owner, AGENT, root=tmp_path)
    assert not found_in(tmp_path)
    await insert_rows(database, Row(0, 2, [0, 1], [0, 0], [1, 1], False))
    exported = await export_dataset(database.owner, AGENT, root=tmp_path)
    counted = dict.fromkeys(ODD, 2) | {"a reward is no finite number": 3}
    assert exported.tally.left_out == counted
    assert (exported.tally.episodes, exported.tally.were_left) == (1, 1)
    found = minari.MinariDataset(exported.folder / "data")
    assert found.storage.metadata["qlmodels"]["left_out"] == counted
    assert found[0].observations.tolist() == [0, 1, 2]  # the final state is the last one
    assert found[0].truncations.tolist() == [False, True]  # or learners would take it for whole
    assert not found[0].terminations.any()
    [about] = found.storage.get_episode_metadata([0])
    assert about["was_left"]


async def test_a_last_state_that_nobody_recorded_is_said_to_be_repeated(
    database: Database, tmp_path: Path
) -> None:
    await record(database, episode(["s", "t"], ["a", "b"]))
    found = await dataset(database, tmp_path)
    assert found[0].observations.tolist() == [0, 1, 1]
    [about] = found.storage.get_episode_metadata([0])
    assert about["last_state_is_repeated"]


async def test_legal_actions_are_in_the_metadata(database: Database, tmp_path: Path) -> None:
    lists = [["a", "b"], ["b"], ["a"]]
    await record(
        database,
        episode(["s", "t", "u"], ["a", "b"], legal=lists),
        episode(["s", "t", "u"], ["a", "b"], minute=1),
    )
    found = await dataset(database, tmp_path)
    first, second = found.storage.get_episode_metadata([0, 1])
    assert json.loads(first["legal_actions"]) == lists
    assert "legal_actions" not in second


def played(environment: Any, seed: int, minute: int) -> Episode:
    environment.action_space.seed(seed)
    state, _ = environment.reset(seed=seed)
    states, actions, rewards = [int(state)], list[int](), list[float]()
    terminated = truncated = False
    while not (terminated or truncated):
        actions.append(int(environment.action_space.sample()))
        state, reward, terminated, truncated, _ = environment.step(actions[-1])
        states.append(int(state))
        rewards.append(float(reward))
    return episode(
        states,
        actions,
        minute=minute,
        rewards=rewards,
        terminated=terminated,
        truncated=truncated,
        success=bool(rewards[-1] > 0),
        seed=seed,
    )


@pytest.mark.parametrize("name", ["FrozenLake-v1", "Taxi-v4"])
async def test_an_environment_is_recovered_and_plays_the_episodes_again(
    database: Database, tmp_path: Path, name: str
) -> None:
    environment = gymnasium.make(name)
    await record(database, *(played(environment, 40 + number, number) for number in range(3)))
    found = await dataset(database, tmp_path, environment=name)
    again = found.recover_environment()
    assert found.observation_space == again.observation_space == environment.observation_space
    assert found.action_space == environment.action_space
    for read, about in zip(found, found.storage.get_episode_metadata(range(3)), strict=True):
        state, _ = again.reset(seed=about["seed"])
        assert state == read.observations[0]
        for step, action in enumerate(read.actions):
            state, reward, terminated, truncated, _ = again.step(action)
            assert state == read.observations[step + 1]
            assert reward == read.rewards[step]
            assert terminated == read.terminations[step]
            assert truncated == read.truncations[step]


async def test_minari_finds_it_by_its_id(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))
    await record(database, episode([0, 1], [0]))
    await export_dataset(database.owner, AGENT, dataset_id="fleet/tests/first-v3")
    assert len(minari.load_dataset("fleet/tests/first-v3")) == 1
    assert list(minari.list_local_datasets()) == ["fleet/tests/first-v3"]
    assert list_local_namespaces() == ["fleet", "fleet/tests"]


async def test_refusals_write_nothing(database: Database, tmp_path: Path) -> None:
    await record(database, episode([0, 16], [0]))
    refused: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (InvalidDatasetId, "name and a version", {"dataset_id": "../up-v0"}),
        (InvalidDatasetId, "name and a version", {"dataset_id": "taxi"}),
        (UnknownEnvironment, "cannot make", {"environment": "FrozenPond-v1"}),
        (NotInSpace, "16 is not in", {"environment": "FrozenLake-v1"}),
    ]
    for error, message, options in refused:
        with pytest.raises(error, match=message):
            await export_dataset(database.owner, AGENT, root=tmp_path / "all", **options)
    with pytest.raises(UnknownAgentType):
        await export_dataset(database.owner, "nobody", root=tmp_path / "all")
    assert not found_in(tmp_path)
    await export_dataset(database.owner, AGENT, root=tmp_path)
    with pytest.raises(DatasetExists, match="--id test-generator-v1"):
        await export_dataset(database.owner, AGENT, root=tmp_path)
