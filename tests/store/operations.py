"""Every operation of the store with arguments that it takes, for tests of all of them alike."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from qlmodels.store import Buffer, Episode, GivenReward, LearningStore, Nudge, Pair, Transition
from tests.store.conftest import AGENT

SESSION, TRAJECTORY, PATTERN, OTHER_TRAJECTORY = (UUID(int=number) for number in (1, 2, 3, 4))
BEGAN = datetime(2026, 1, 2, tzinfo=UTC)

Arguments = Mapping[str, Any]

STEP: Arguments = {
    "state": "s",
    "action": "a",
    "reward": 1.0,
    "next_state": "t",
    "next_actions": ["a", "b"],
    "terminated": False,
    "truncated": False,
    "discount_factor": None,
    "session": None,
    "reward_type": "immediate",
    "reward_source": None,
    "step": None,
    "next_policy": None,
    "learning_rate": None,
    "weight": None,
}
PAIR: Arguments = {"state": "s", "action": "a", "q_value": 1.0, "session": None}
NUDGE: Arguments = {"state": "s", "action": "a", "by": 1.0, "visit": False, "session": None}
REWARD: Arguments = {
    "state": "s",
    "action": "a",
    "reward": 1.0,
    "reward_type": "delayed",
    "reward_source": None,
    "step": None,
    "session": None,
    "trajectory_id": None,
}
EPISODE: Arguments = {
    "task_id": "task",
    "states": ["s", "t"],
    "actions": ["a"],
    "rewards": [1.0],
    "success": True,
    "started_at": BEGAN,
    "completed_at": BEGAN,
    "terminated": False,
    "truncated": False,
    "is_evaluation": False,
    "seed": None,
    "exploration_rate": None,
    "policy_version": 0,
    "priority": 1.0,
    "error_message": None,
    "session": None,
    "trajectory_id": OTHER_TRAJECTORY,
    "extra": {},
    "legal": None,
}

Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Operation:
    """`method` is the one that users call; several of these may be made by one method."""

    method: str
    arguments: Arguments
    run: Run
    builds: type | None = None
    """What the arguments are the fields of; None where the method takes them itself."""


def _calling(method: str, **arguments: Any) -> Operation:
    async def run(store: LearningStore, **given: Any) -> Any:
        return await getattr(store, method)(**given)

    return Operation(method, arguments, run)


def _listing(method: str, kind: type, arguments: Arguments, **others: Any) -> Operation:
    async def run(store: LearningStore, **given: Any) -> Any:
        return await getattr(store, method)([kind(**given)], **others)

    return Operation(method, arguments, run, kind)


def _building(method: str, kind: type, arguments: Arguments, **others: Any) -> Operation:
    async def run(store: LearningStore, **given: Any) -> Any:
        return await getattr(store, method)(kind(**given), **others)

    return Operation(method, arguments, run, kind)


def _buffering(method: str, kind: type, arguments: Arguments) -> Operation:
    async def run(store: LearningStore, **given: Any) -> Any:
        async with store.buffered() as buffer:
            write = await getattr(buffer, method)(kind(**given))
            return await write

    return Operation(f"buffered.{method}", arguments, run, kind)


class _OnePair(Mapping[Any, Any]):
    """A dictionary, also of a key that is no key of one."""

    def __init__(self, key: Any, value: Any) -> None:
        self._pair = key, value

    def __getitem__(self, key: Any) -> Any:
        if key is self._pair[0]:
            return self._pair[1]
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pair[:1])

    def __len__(self) -> int:
        return 1


async def _finish_episode(store: LearningStore, **given: Any) -> None:
    store.finish_episode(**given)


async def _prepare(store: LearningStore, **given: Any) -> Any:
    return store.prepare(**given)


async def _buffered(store: LearningStore, **given: Any) -> Any:
    buffer: Buffer
    async with store.buffered(**given) as buffer:
        write = await buffer.learn(Transition(**STEP))
    return await write


async def _update_priorities(store: LearningStore, trajectory_id: Any, priority: Any) -> None:
    await store.update_priorities(_OnePair(trajectory_id, priority))


async def _construct(store: LearningStore, **given: Any) -> None:
    pool: Any = None  # of which a constructor asks nothing
    LearningStore(pool, **given)


OPERATIONS: Mapping[str, Operation] = {
    "LearningStore": Operation(
        "LearningStore",
        {
            "agent_type": AGENT,
            "instance": "i",
            "actions": ["a"],
            "encode": None,
            "rng": None,
            "seed": None,
            "choose": None,
            "next_policy": None,
            "patience": 1.0,
        },
        _construct,
    ),
    "prepare": Operation("prepare", {"state": "s"}, _prepare),
    "best_action": _calling("best_action", state="s"),
    "actions": _calling("actions", state="s"),
    "values": _calling("values", state="s", actions=["a", "b"]),
    "select_action": _calling("select_action", state="s", actions=["a", "b"], epsilon=0.0),
    "search": _calling("search", state_contains="s", action_contains="a", limit=50),
    "upsert": _calling("upsert", **PAIR),
    "upsert_many": _listing("upsert_many", Pair, PAIR),
    "nudge_many": _listing("nudge_many", Nudge, NUDGE),
    "buffered upsert": _buffering("upsert", Pair, PAIR),
    "learn": _calling("learn", **STEP),
    "learn_from": _building("learn_from", Transition, STEP),
    "learn_and_select": _building("learn_and_select", Transition, STEP, epsilon=0.0),
    "learn_many": _listing("learn_many", Transition, STEP),
    "buffered learn": _buffering("learn", Transition, STEP),
    "record": _building("record", Episode, EPISODE, rewards=True),
    "record_many": _listing("record_many", Episode, EPISODE, rewards=True),
    "buffered record": _buffering("record", Episode, EPISODE),
    "record_rewards": _listing("record_rewards", GivenReward, REWARD),
    "buffered record_reward": _buffering("record_reward", GivenReward, REWARD),
    "replay": _calling("replay", batch_size=2, by="uniform", beta=0.4),
    "update_priorities": Operation(
        "update_priorities", {"trajectory_id": TRAJECTORY, "priority": 2.0}, _update_priorities
    ),
    "remember_pattern": _calling(
        "remember_pattern",
        name="pattern",
        data={"do": 1},
        pattern_type="test",
        category=None,
        trigger_conditions={"at": 1},
        expected_outcome=None,
        version=1,
        parent=None,
    ),
    "match_patterns": _calling("match_patterns", state="s", limit=20),
    "use_pattern": _calling("use_pattern", pattern_id=PATTERN, success=True, reward=1.0),
    "start_session": _calling(
        "start_session",
        name="session",
        environment="development",
        extra={},
        hyperparameters={},
        tags=["a"],
        notes="n",
    ),
    "finish_session": _calling(
        "finish_session", session=SESSION, status="completed", task_count=None, total_reward=None
    ),
    "heartbeat": _calling(
        "heartbeat", instance="i", status="active", exploration_rate=None, learning_rate=None
    ),
    "finish_episode": Operation(
        "finish_episode", {"success": True, "total_reward": 1.0}, _finish_episode
    ),
    "exploration_rate": _calling("exploration_rate"),
    "purge_expired": _calling("purge_expired", batch=1000),
    "buffered": Operation("buffered", {"batch": 500, "delay": 0.0, "size": 10}, _buffered),
}

TABLES = (
    "agent_states",
    "patterns",
    "rewards",
    "trajectories",
    "q_values",
    "sessions",
)
VOLATILE = (
    "q_value_id",
    "reward_id",
    "state_id",
    "sample_key",
    "created_at",
    "updated_at",
    "last_updated",
    "last_activity",
    "initialized_at",
    "first_seen",
    "last_used",
    "observed_at",
    "expires_at",
    "start_time",
    "end_time",
)
"""Columns that are another time or another number at each call."""

_ROWS = " union all ".join(
    f"select '{table}', (to_jsonb(stored) - $1::text[])::text from {table} as stored"
    for table in TABLES
)
_RANDOM_KEY = re.compile(r"(?!0{8})[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def reset(owner: asyncpg.Connection) -> None:
    """Leave one session, one trajectory and one pattern, which operations can refer to."""
    await owner.execute(
        f"""
        {"".join(f"delete from {table};" for table in TABLES)}
        insert into sessions (agent_type, session_id) values ('{AGENT}', '{SESSION}');
        insert into trajectories (agent_type, trajectory_id, task_id, initial_state, final_state,
            actions_taken, states_visited, step_rewards, total_reward, discounted_reward,
            execution_time_ms, success, started_at, completed_at)
        values ('{AGENT}', '{TRAJECTORY}', 't', '1', '1', '[]', '[1]', '[]', 0, 0, 0, true,
            '{BEGAN}', '{BEGAN}');
        insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data,
            trigger_conditions)
        values ('{AGENT}', '{PATTERN}', 'used', 't', '1', '{{}}');
        """
    )


async def rows(owner: asyncpg.Connection) -> dict[str, list[str]]:
    """All rows of the agent as text, but for what no two calls have in common."""
    found: dict[str, list[str]] = {table: [] for table in TABLES}
    for table, row in await owner.fetch(_ROWS, list(VOLATILE)):
        found[table].append(_RANDOM_KEY.sub("random", row))
    return {table: sorted(texts) for table, texts in found.items()}
