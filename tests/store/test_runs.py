"""What a session keeps of the run: hyperparameters as they were when it began, tags and notes."""

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import asyncpg
import numpy as np
import pytest
from asyncpg.exceptions import PostgresError

import qlmodels
from qlmodels.connection import connect, create_pool
from qlmodels.store import InvalidValue, LearningStore, epsilon_greedy, greedy, softmax, ucb
from tests.conftest import Database
from tests.store.conftest import AGENT

pytestmark = pytest.mark.one_major

OF_THE_AGENT_TYPE = {
    "learning_rate": 0.1,
    "learning_rate_decay": 0,
    "min_learning_rate": 0,
    "discount_factor": 0.95,
    "exploration_rate": 0.2,
    "exploration_decay": 0.995,
    "min_exploration_rate": 0.01,
    "initial_q_value": 0,
}
OF_THE_STORE = {
    "chooser": "epsilon_greedy",
    "target": "greedy",
    "seed": None,
    "qlmodels_version": qlmodels.__version__,
}


class Uniform:
    """A way to choose that is not ours."""

    def choose(self, rng: Any, values: Sequence[float], _: Sequence[int]) -> tuple[int, bool]:
        return rng.randrange(len(values)), True


async def session_of(pool: asyncpg.Pool) -> dict[str, Any]:
    row = await pool.fetchrow(
        "select hyperparameters, tags, notes from sessions order by created_at desc limit 1"
    )
    assert row is not None
    return {**row, "hyperparameters": json.loads(row["hyperparameters"])}


async def test_settings_of_the_agent_type_and_of_the_store(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(
            pool, AGENT, seed=np.int64(7), choose=ucb(2), next_policy=softmax(0.5)
        )
        settings: Any = {"n_step": np.int8(3), "learning_rate": 0.3}
        await store.start_session(
            hyperparameters=settings,
            tags=["sweep", "lake", "sweep"],
            notes="The third try.",
        )
        assert await session_of(pool) == {
            "hyperparameters": OF_THE_AGENT_TYPE
            | OF_THE_STORE
            | {"chooser": "ucb(2)", "target": "softmax(0.5)", "seed": 7, "n_step": 3}
            | {"learning_rate": 0.3},
            "tags": ["sweep", "lake"],
            "notes": "The third try.",
        }


async def test_a_change_of_the_agent_type_leaves_earlier_runs_as_they_were(
    database: Database,
) -> None:
    async with (
        create_pool(database.url(f"ql_{AGENT}")) as pool,
        connect(database.owner) as owner,
    ):
        first = await LearningStore(pool, AGENT).start_session()
        await owner.execute(
            "update agent_types set learning_rate = 0.30000000000000004 where agent_type = $1",
            AGENT,
        )
        await LearningStore(pool, AGENT).start_session()
        rates = await pool.fetch(
            "select (hyperparameters ->> 'learning_rate')::double precision as rate"
            " from sessions order by session_id = $1 desc",
            first,
        )
        assert [row["rate"] for row in rates] == [0.1, 0.1 + 0.2]
        with pytest.raises(PostgresError, match="hyperparameters"):
            await pool.execute("update sessions set hyperparameters = '{\"learning_rate\": 1}'")
        await pool.execute("update sessions set tags = '{best}', notes = 'the best'")


async def test_a_session_of_another_client_says_nothing(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        await pool.execute("insert into sessions (agent_type) values ($1)", AGENT)
        row = await pool.fetchrow("select hyperparameters, tags, notes from sessions")
    assert row is not None
    assert tuple(row) == (None, [], None)


@pytest.mark.parametrize(
    ("choose", "name"),
    [
        (None, "epsilon_greedy"),
        (greedy(), "greedy"),
        (epsilon_greedy(0.1), "epsilon_greedy(0.1)"),
        (softmax(2), "softmax(2)"),
        (Uniform(), "Uniform"),
    ],
)
async def test_each_way_to_choose_has_a_name(database: Database, choose: Any, name: str) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        await LearningStore(pool, AGENT, choose=choose).start_session()
        assert (await session_of(pool))["hyperparameters"]["chooser"] == name


async def test_the_target_of_a_store_is_that_of_its_steps(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        plain = LearningStore(pool, AGENT, actions=["a", "b"])
        for action, value in (("a", 1.0), ("b", 3.0)):
            await plain.upsert("next", action, value)
        store = LearningStore(pool, AGENT, actions=["a", "b"], next_policy=epsilon_greedy(0.5))
        expected = 0.75 * 3 + 0.25 * 1
        learned = await store.learn("s", "a", 0.0, "next")
        assert learned.td_error == pytest.approx(0.95 * expected)
        other = await store.learn("s", "b", 0.0, "next", next_policy=greedy())
        assert other.td_error == pytest.approx(0.95 * 3)


async def test_a_seed_repeats_the_choices(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        drawn = []
        for _ in range(2):
            store = LearningStore(pool, AGENT, actions=[*range(9)], seed=2**62)
            await store.start_session()
            drawn.append([(await store.select_action("s")).action for _ in range(9)])
        assert drawn[0] == drawn[1]
        assert (await session_of(pool))["hyperparameters"]["seed"] == str(2**62)


async def test_what_no_run_can_have_is_refused(database: Database) -> None:
    async with create_pool(database.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT)
        with pytest.raises(InvalidValue, match=r"There are 51 tags\. Give 50 at most"):
            await store.start_session(tags=map(str, range(51)))
        with pytest.raises(InvalidValue, match="hyperparameters"):
            await store.start_session(hyperparameters={"rate": math.nan})
        with pytest.raises(InvalidValue, match="Both rng and the seed 1 were given"):
            LearningStore(pool, AGENT, seed=1, rng=random.Random(1))
        with pytest.raises(InvalidValue, match="probabilities are given with a step"):
            LearningStore(pool, AGENT, next_policy={"a": 1.0})  # type: ignore[arg-type]
        assert await pool.fetchval("select count(*) from sessions") == 0
