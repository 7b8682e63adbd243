"""What the original's clients learned is found, and extended, by a plain LearningStore."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from qlmodels import LearningStore, Transition
from qlmodels.adopt import Adoption, adopt
from qlmodels.cli import app
from qlmodels.connection import connect, create_pool
from qlmodels.store import Episode, GivenReward, Nudge, Pair, epsilon_greedy
from tests.adopt.original import make_original
from tests.conftest import Database

pytestmark = [pytest.mark.newest_first, pytest.mark.long]

AGENT = "test-generator"
STATES = 40
ACTIONS = ["unit", "property", "integration", "mutation"]

STORE = "select upsert_q_value($1, $2, $3, $4, $5, $6)"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def dumped(document: Any) -> str:
    return json.dumps(document, sort_keys=True)


class ByDocument:
    """Clients that hash whole documents, as the original's base agent does."""

    actions: tuple[Any, ...] = tuple({"action": name, "weight": 1.0} for name in ACTIONS)

    def state(self, number: int) -> Any:
        return {"module": f"Modul ä{number}", "coverage": number / 4, "tags": ["a", None]}

    def row(self, number: int, action: int) -> tuple[str, Any, str, Any]:
        state, chosen = self.state(number), self.actions[action]
        return sha256(dumped(state)), state, sha256(dumped(chosen)), chosen


class ByName(ByDocument):
    """Hashes of the names of actions, whose documents hold more."""

    def row(self, number: int, action: int) -> tuple[str, Any, str, Any]:
        state_hash, state, _, chosen = super().row(number, action)
        return state_hash, state, sha256(ACTIONS[action]), chosen


class ByService(ByDocument):
    """Its service: hashes of features and names, in place of the documents."""

    actions = tuple(ACTIONS)

    def features(self, number: int) -> list[Any]:
        return ["simple", 0.5 * number, "pytest", False]

    def state(self, number: int) -> Any:
        return {"features": {"n": number}, "state_tuple": self.features(number)}

    def row(self, number: int, action: int) -> tuple[str, Any, str, Any]:
        state, chosen = sha256(dumped(self.features(number))), sha256(ACTIONS[action])
        return state, {"hash": state}, chosen, {"hash": chosen, "action": "unknown"}


class ByEncoder(ByService):
    """Its encoder: the features are part of a larger document, which differs from task to task."""

    def row(self, number: int, action: int) -> tuple[str, Any, str, Any]:
        state, _, chosen, _ = super().row(number, action)
        return (
            state,
            self.state(number) | {"raw_context": {"task": number}},
            chosen,
            {"action": ACTIONS[action]},
        )


class ByHand(ByDocument):
    """Hashes that nobody can compute, as in its sample data."""

    def row(self, number: int, action: int) -> tuple[str, Any, str, Any]:
        return f"state{number}", self.state(number), f"action{action}", self.actions[action]


CLIENTS = (ByDocument, ByName, ByService, ByEncoder, ByHand)


def worth(number: int, action: int) -> float:
    return float((number + action) % len(ACTIONS))


@pytest.fixture(params=CLIENTS, ids=lambda client: client.__name__)
def client(request: pytest.FixtureRequest) -> ByDocument:
    made: ByDocument = request.param()
    return made


async def fill(owner: asyncpg.Connection, client: ByDocument) -> None:
    for number in range(STATES):
        for action in range(len(ACTIONS)):
            state_hash, state, action_hash, chosen = client.row(number, action)
            await owner.execute(
                STORE,
                AGENT,
                state_hash,
                json.dumps(state),
                action_hash,
                json.dumps(chosen),
                worth(number, action),
            )


async def _adopt(database: Database, *, rehash: bool = False) -> Adoption:
    return await asyncio.to_thread(adopt, database.owner, rehash=rehash)


@pytest.fixture
async def adopted(empty_database: Database, client: ByDocument) -> Database:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        await fill(owner, client)
    await _adopt(empty_database)
    return empty_database


@pytest.fixture
async def pool(adopted: Database) -> AsyncIterator[asyncpg.Pool]:
    async with create_pool(adopted.url(f"ql_{AGENT}"), max_size=2) as pool:
        yield pool


async def pairs(pool: asyncpg.Pool) -> int:
    number: int = await pool.fetchval("select count(*) from q_values")
    return number


async def test_look_ups_find_what_was_learned(client: ByDocument, pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, actions=client.actions)
    for number in range(0, STATES, 7):
        state, known = client.state(number), range(len(ACTIONS))
        best = max(known, key=lambda action: worth(number, action))
        choice = await store.select_action(state, epsilon=0)
        assert choice.action == client.actions[best]
        assert await store.values(state) == [worth(number, action) for action in known]
        assert {found.q_value for found in await store.actions(state)} == {0.0, 1.0, 2.0, 3.0}
        found = await store.best_action(store.prepare(state))
        assert found is not None
        assert found.q_value == 3
    unprepared = LearningStore(pool, AGENT).prepare(client.state(3))
    assert len(await LearningStore(pool, AGENT).actions(unprepared)) == len(ACTIONS)


async def test_writes_extend_what_was_learned(client: ByDocument, pool: asyncpg.Pool) -> None:
    store = LearningStore(pool, AGENT, actions=client.actions, instance="one")
    first, second = client.actions[:2]
    state, following = client.state(1), client.state(2)
    step = Transition(state=state, action=first, reward=1.0, next_state=following)
    other = Transition(state=state, action=second, reward=1.0, next_state=following)
    before = await pairs(pool)
    learned = await store.learn(state, first, 1.0, following)
    assert learned.q_value == pytest.approx(1 + 0.1 * (1 + 0.95 * 3 - 1))
    assert learned.visit_count == 2
    _, choice = await store.learn_and_select(step, epsilon=0)
    assert choice.action == client.actions[1]
    await store.learn_many([step, other])
    await store.learn(state, first, 1.0, following, next_policy=epsilon_greedy(0.5))
    await store.learn(state, first, 1.0, following, next_policy=[(first, 0.5), (second, 0.5)])
    await store.upsert(state, first, 5.0)
    await store.upsert_many([Pair(state, first, 6.0), Pair(state, second, 7.0)])
    assert await store.nudge_many([Nudge(state, first, 1.0), Nudge(state, second, 1.0)]) == [7, 8]
    async with store.buffered() as buffer:
        await buffer.learn(step)
        await buffer.upsert(Pair(state, first, 9.0))
    assert (await store.values(state))[0] == 9
    assert await pairs(pool) == before
    episode = Episode(
        task_id="task",
        states=[state, following],
        actions=[first],
        rewards=[1.0],
        success=True,
        started_at=datetime.now(UTC),
    )
    await store.record(episode, rewards=True)
    await store.record_rewards([GivenReward(state=state, action=first, reward=1.0)])
    replayed = await store.replay(10)
    await store.learn_many([step for one in replayed for step in one.transitions(client.actions)])
    assert await pairs(pool) == before
    unmatched = await pool.fetchval(
        "select count(*) from rewards where not exists (select from q_values as pair"
        " where pair.state_hash = rewards.state_hash and pair.action_hash = rewards.action_hash)"
    )
    assert unmatched == 0


async def test_clients_of_the_original_find_what_is_learned_since(
    client: ByDocument, pool: asyncpg.Pool
) -> None:
    store = LearningStore(pool, AGENT, actions=client.actions)
    new = client.state(STATES + 1)
    await store.upsert(new, client.actions[0], 4.5)
    state_hash, *_ = client.row(STATES + 1, 0)
    found = await pool.fetchrow("select * from get_best_action($1, $2)", AGENT, state_hash)
    assert (found is None) == isinstance(client, ByHand)


async def test_other_agent_types_are_not_told(client: ByDocument, adopted: Database) -> None:
    async with connect(adopted.url("ql_security-scanner")) as connection:
        told = "select count(*) from qlmodels.adopted_hashes_of($1)"
        assert await connection.fetchval(told, AGENT) == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from qlmodels_private.adopted_hashes")


async def test_one_state_of_two_hashes_is_the_most_visited(empty_database: Database) -> None:
    state, action = {"module": "auth"}, "unit"
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        for visits, (state_hash, value) in enumerate((("rare", 1.0), ("often", 2.0))):
            for _ in range(1 + visits):
                await owner.execute(
                    STORE, AGENT, state_hash, json.dumps(state), "a", '"unit"', value
                )
    await _adopt(empty_database)
    async with create_pool(empty_database.url(f"ql_{AGENT}")) as pool:
        assert await LearningStore(pool, AGENT).values(state, [action]) == [2.0]


async def test_rehashed_pairs_are_ours(empty_database: Database, client: ByDocument) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        await fill(owner, client)
        if type(client) is ByDocument:
            await fill(owner, ByHand())
            await fill(owner, ByHand())
        await owner.execute(
            "insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type)"
            " select agent_type, state_hash, action_hash, 1, 'immediate' from q_values"
        )
    adoption = await _adopt(empty_database, rehash=True)
    assert any("no longer find" in note for note in adoption.notes)
    async with connect(empty_database.owner) as owner:
        assert await owner.fetchval("select count(*) from agent_types where hashing is null") == 18
        unmatched = await owner.fetchval(
            "select count(*) from rewards where not exists (select from q_values as pair"
            " where (pair.agent_type, pair.state_hash, pair.action_hash)"
            " = (rewards.agent_type, rewards.state_hash, rewards.action_hash))"
        )
        assert unmatched == 0
        rejects = await owner.fetch(
            "select correction from qlmodels_private.adopt_rejects where table_name = 'q_values'"
        )
        visits = await owner.fetchval("select sum(visit_count) from q_values")
    async with create_pool(empty_database.url(f"ql_{AGENT}")) as pool:
        found = await LearningStore(pool, AGENT, actions=client.actions).values(client.state(3))
        total = await pairs(pool)
    assert total == STATES * len(ACTIONS)
    if isinstance(client, ByService):  # hashes in place of documents, or larger documents
        return
    assert found == [worth(3, action) for action in range(len(ACTIONS))]
    doubles = type(client) is ByDocument
    assert visits == total * (3 if doubles else 1)
    assert len(rejects) == (2 * total if doubles else 0)
    assert sum(row["correction"] is None for row in rejects) == (total if doubles else 0)


@pytest.mark.one_major
async def test_the_command_warns(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=0, faulty=False)
        await fill(owner, ByHand())
    monkeypatch.setenv("DATABASE_URL", empty_database.owner.render_as_string(hide_password=False))
    for arguments, words in (
        (["adopt", "--dry-run"], "40 state documents of test-generator have hashes that"),
        (["adopt", "--rehash", "--dry-run"], "no longer find what was learned"),
    ):
        said = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        assert said.exit_code == 0, said.output
        assert words in " ".join(said.output.split())
