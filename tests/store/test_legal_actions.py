"""What a next state is worth is no guess: its actions are known, or the step is refused."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.doctor.check import CheckContext
from qlmodels.doctor.checks import actions
from qlmodels.store import LearningStore, NoActions, Transition, WritesFailed
from qlmodels.tables import AgentType
from tests.conftest import Database
from tests.store.conftest import AGENT
from tests.store.test_recording import episode

pytestmark = pytest.mark.one_major

STEP = Transition(state="s", action="a", reward=1.0, next_state="t")
CURE = rf"Give next_actions=, .* `qlmodels agent set {AGENT} action_space_dimensions=NUMBER`"


@pytest.fixture
async def unnumbered(owner: asyncpg.Connection) -> None:
    await owner.execute("update agent_types set action_space_dimensions = null")


def test_a_new_agent_type_has_no_number_of_actions() -> None:
    assert AgentType(agent_type="mine", display_name="Mine").action_space_dimensions is None


async def test_the_database_gives_a_new_agent_type_no_number_either(
    owner: asyncpg.Connection,
) -> None:
    await owner.execute("insert into agent_types (agent_type, display_name) values ('mine', 'M')")
    rows = await owner.fetch("select agent_type, action_space_dimensions from agent_types")
    numbers = {row["agent_type"]: row["action_space_dimensions"] for row in rows}
    assert numbers.pop("mine") is None
    assert (numbers["test-generator"], numbers["quality-gate"], len(numbers)) == (8, 4, 18)


@pytest.mark.usefixtures("unnumbered")
async def test_a_step_into_a_state_of_unknown_actions_is_refused(
    store: LearningStore, pool: asyncpg.Pool
) -> None:
    with pytest.raises(NoActions, match=CURE):
        await store.learn_from(STEP)
    with pytest.raises(NoActions, match=CURE):
        await store.learn_from(replace(STEP, truncated=True))
    known = replace(STEP, next_actions=["a"])
    with pytest.raises(NoActions, match=CURE):
        await store.learn_many([known, STEP])
    with pytest.raises(WritesFailed, match=f"^1 of the buffered writes.*{CURE}"):  # noqa: PT012
        async with store.buffered() as buffer:
            await buffer.learn(replace(known, state="t"))
            await buffer.learn(STEP)
            await buffer.learn(replace(STEP, state="u", terminated=True))
    rows = await pool.fetch("select state_data from q_values order by state_hash")
    assert {row["state_data"] for row in rows} == {'"t"', '"u"'}


@pytest.mark.usefixtures("unnumbered")
async def test_actions_that_are_known_are_no_guess(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await store.upsert("t", "a", -3.0)
    given = replace(STEP, next_actions=["a"])
    assert (await store.learn_from(given)).td_error == pytest.approx(1.0 - 0.95 * 3.0)
    own = LearningStore(pool, AGENT, actions=["a"])
    assert (await own.learn_many([replace(STEP, state="u")]))[0].td_error == pytest.approx(-1.85)
    ended = replace(STEP, state="v", terminated=True)
    assert [one.td_error for one in await store.learn_many([ended])] == [1.0]
    assert (await store.learn_from(ended)).visit_count == 2
    await owner.execute("update agent_types set action_space_dimensions = 1")
    numbered = replace(STEP, state="w")
    assert (await store.learn_from(numbered)).td_error == pytest.approx(-1.85)


@pytest.mark.usefixtures("unnumbered")
async def test_what_is_replayed_names_its_legal_actions(
    store: LearningStore, pool: asyncpg.Pool, owner: asyncpg.Connection
) -> None:
    await store.record(episode(rewards=[1.0, 2.0]))
    (one,) = await store.replay(1)
    with pytest.raises(NoActions, match=CURE):
        one.transitions()
    moves = ["go", {"jump": 2}]
    first, last = one.transitions(moves)
    assert (first.next_actions, last.next_actions) == (moves, None)
    first, _ = one.transitions(lambda state: [state["at"]])
    assert first.next_actions == [1]
    assert len(await store.learn_many(one.transitions(moves))) == 2
    (own,) = await LearningStore(pool, AGENT, actions=moves).replay(1)
    assert own.transitions()[0].next_actions is None
    await owner.execute("update agent_types set action_space_dimensions = 2")
    (numbered,) = await LearningStore(pool, AGENT).replay(1)
    assert len(await store.learn_many(numbered.transitions())) == 2


@pytest.mark.usefixtures("unnumbered")
async def test_an_episode_of_one_step_that_ended_needs_no_actions(store: LearningStore) -> None:
    await store.record(episode(states=["s", "t"], actions=["a"], rewards=[1.0]))
    (one,) = await store.replay(1)
    assert [step.terminated for step in one.transitions()] == [True]


DOCUMENT = {
    "state_hash": "s",
    "state_data": 1,
    "action_hash": "a",
    "action_data": 1,
    "reward": 1,
    "next_state_hash": "t",
}
SQL = {
    "learn": "select learn($1, 's', '1', 'a', '1', 1, 't')",
    "learn_step": "select learn_step($1, 's', '1', 'a', '1', 1, 't')",
    "learn_many": f"select learn_many($1, jsonb '[{json.dumps(DOCUMENT)}]')",
}


@pytest.mark.usefixtures("unnumbered")
@pytest.mark.parametrize("function", SQL)
async def test_the_functions_refuse_it_alike(pool: asyncpg.Pool, function: str) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="legal actions") as caught:
        await pool.execute(SQL[function], AGENT)
    hint: Any = caught.value.hint  # type: ignore[attr-defined]
    assert "action_space_dimensions" in hint
    assert "next_action_hashes" in hint
    assert await pool.fetchval("select count(*) from q_values") == 0


async def test_a_corridor_is_worth_what_it_costs(
    store: LearningStore, owner: asyncpg.Connection
) -> None:
    """Three steps to the end at -1 each; a phantom action would make every state worth 0."""
    await owner.execute(
        "update agent_types set action_space_dimensions = null, learning_rate = 1,"
        " discount_factor = 1"
    )
    for _ in range(4):
        for place in range(3):
            await store.learn(place, "on", -1.0, place + 1, ["on"], terminated=place == 2)
    values = [(await store.actions(place))[0].q_value for place in range(3)]
    assert values == [-3.0, -2.0, -1.0]


async def test_an_upgrade_keeps_the_number_and_the_doctor_doubts_it(
    empty_database: Database,
) -> None:
    """The tutorial's agent as release 0.1.0 left it: 5 by default, and 4 moves."""
    owner = empty_database.owner
    await asyncio.to_thread(migrate.upgrade, owner, "0001")
    async with connect(owner) as connection:
        await connection.execute(
            "insert into agent_types (agent_type, display_name) values ('lake-walker', 'L')"
        )
        for move in ("left", "down", "right", "up"):
            await connection.execute(
                "select learn('lake-walker', 's', '1', $1, to_jsonb($1::text), 0, 't')", move
            )
    await asyncio.to_thread(migrate.upgrade, owner)
    number = "select action_space_dimensions from agent_types where agent_type = 'lake-walker'"
    async with connect(owner) as connection:
        assert await connection.fetchval(number) == 5
        (found,) = await actions.CHECK.findings(CheckContext(owner, connection))
        assert found.what == "lake-walker is said to have 5 actions and learned of 4"
        assert found.fix == "qlmodels agent set lake-walker action_space_dimensions=4"
        await connection.execute(
            "select learn('lake-walker', 's', '1', 'stay', '\"stay\"', 0, 't')"
        )
        assert await actions.CHECK.findings(CheckContext(owner, connection)) == []
        await connection.execute("update agent_types set action_space_dimensions = null")
    await asyncio.to_thread(migrate.downgrade, owner, "0001")
    async with connect(owner) as connection:
        assert await connection.fetchval(number) == 5
