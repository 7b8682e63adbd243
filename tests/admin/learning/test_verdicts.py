"""Each verdict on rows that were written for it, and on rows just beside the limit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from qlmodels_admin.learning import CachedVerdicts

from qlmodels.verdicts import LearningStatus, history_scan

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.newest_first]

AGENT = "regression-risk-analyzer"
OTHER = "chaos-engineer"

EPISODES = (
    "insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, "
    "actions_taken, states_visited, step_rewards, total_reward, discounted_reward, "
    "execution_time_ms, success, is_evaluation, exploration_rate, started_at, completed_at) "
    "select $1, $2, 't', '{}', '{}', '[\"a\"]', '[1]', jsonb_build_array($5::float), reward, 0, 1, "
    "place <= $6, $7, 0.25, now(), $4::timestamptz - (cardinality($3::float[]) - place) * "
    "interval '1 minute' from unnest($3::float[]) with ordinality as e (reward, place)"
)

Look = Callable[..., Awaitable[LearningStatus]]


@pytest_asyncio.fixture(loop_scope="session")
async def agent(rows: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    yield rows
    for table in ("trajectories", "sessions", "rewards", "q_values", "agent_states"):
        await rows.execute(f"delete from {table} where agent_type = any($1)", [AGENT, OTHER])


@pytest.fixture
def look(panel: Any) -> Look:
    """The state of AGENT, or of an instance of it, measured now."""

    async def read(instance: str | None = None) -> LearningStatus:
        learning = CachedVerdicts(panel.app.state.engine)
        if instance is None:
            (found,) = await learning.agent_types(AGENT)
        else:
            (found,) = await learning.instances((AGENT, instance))
        return found

    return read


async def play(
    rows: asyncpg.Connection,
    returns: Sequence[float],
    *,
    successes: int = 10_000,
    greedy: bool = False,
    session: str | None = None,
    reward: float = 0,
    ended: datetime | None = None,
) -> None:
    """Episodes with these returns, oldest first; the first `successes` succeed."""
    await rows.execute(
        EPISODES,
        AGENT,
        session,
        list(returns),
        ended or datetime.now(UTC),
        reward,
        successes,
        greedy,
    )


def noisy(level: float, count: int, spread: float = 1.0) -> list[float]:
    """Returns about `level`, whose mean is exactly that in each window."""
    return [level + (spread if number % 2 else -spread) for number in range(count)]


async def test_who_did_nothing_never_ran(look: Look) -> None:
    state = await look()
    assert state.verdicts == ["never_started"]
    assert not state.has_started
    assert not state.needs_attention
    assert state.reasons == []


# -- failing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("successes", "verdicts"), [(24, ["failing"]), (25, [])])
async def test_failing_is_less_than_half_of_the_last_fifty(
    agent: asyncpg.Connection, look: Look, successes: int, verdicts: list[str]
) -> None:
    await play(agent, noisy(1, 100), ended=datetime.now(UTC) - timedelta(hours=3))
    await play(agent, noisy(1, 50), successes=successes)
    state = await look()
    assert state.verdicts == verdicts
    assert state.success == successes / 50
    if verdicts:
        assert state.reasons == ["24 of the last 50 episodes succeeded"]


async def test_forty_nine_episodes_are_too_few_to_fail(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, noisy(1, 49), successes=0)
    assert (await look()).verdicts == []


# -- too early ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("training", "greedy", "verdicts", "label"),
    [
        (1, 0, [], "too early"),
        (99, 0, [], "too early"),
        (60, 39, [], "too early"),
        (100, 0, ["failing"], "failing"),
        (50, 50, ["failing"], "failing"),
        (0, 120, ["failing"], "failing"),
    ],
)
async def test_below_a_hundred_recorded_episodes_it_is_too_early(
    agent: asyncpg.Connection,
    look: Look,
    training: int,
    greedy: int,
    verdicts: list[str],
    label: str,
) -> None:
    """Of training and evaluation together; the row says how many there are."""
    await play(agent, [*noisy(9, training // 2), *noisy(1, training - training // 2)], successes=0)
    await play(agent, noisy(1, greedy), successes=0, greedy=True)
    state = await look()
    assert [one for one in state.verdicts if one != "fell"] == verdicts
    assert state.label == label
    assert state.needs_attention == bool(verdicts)
    assert state.is_too_early == (not verdicts)
    if not verdicts:
        assert state.reasons == [f"{training + greedy} of the 100 episodes that a verdict needs"]


async def test_what_needs_no_episodes_is_said_at_once(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, noisy(1, 20), reward=-2, successes=0)
    await pair(agent, [(-40.001, None)])
    state = await look()
    assert state.verdicts == ["value_out_of_bounds"]
    assert state.label == "diverging"
    assert state.reasons[-1] == "20 of the 100 episodes that a verdict needs"


# -- stalled -----------------------------------------------------------------------------------


async def test_stalled_holds_for_three_windows_below_the_best(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, [*noisy(1, 50), *noisy(10, 50), *noisy(6, 150)])
    state = await look()
    assert state.verdicts == ["stalled"]
    assert state.level == pytest.approx(6)
    assert state.best == pytest.approx(10)
    assert state.reasons == ["return holds at 6.000 for 2 h, below the 10.00 of 2 h ago"]


@pytest.mark.parametrize(
    "returns",
    [
        [*noisy(10, 50), *noisy(6, 100)],  # two windows only
        [*noisy(10, 50), *noisy(6, 149)],
        [*noisy(6, 50), *noisy(10, 150)],  # holds at its best
        [*noisy(10, 50), *noisy(2, 50), *noisy(4, 50), *noisy(6, 50)],  # moves, though below
        [*noisy(6.2, 50), *noisy(6, 150)],  # below by less than the bands
        [*noisy(10, 50), *noisy(6.25, 50), *noisy(5.5, 50), *noisy(6.25, 50)],  # one falls out
        [*noisy(10, 50), *noisy(5.75, 50), *noisy(6.5, 50), *noisy(5.75, 50)],
    ],
)
async def test_not_stalled(agent: asyncpg.Connection, look: Look, returns: list[float]) -> None:
    await play(agent, returns)
    assert "stalled" not in (await look()).verdicts


async def test_the_best_of_many_windows_is_partly_luck(
    agent: asyncpg.Connection, look: Look
) -> None:
    # 6 has a band to 6.16; below 6.65 are 3.0 errors of 0.14 for 4 windows, 3.7 of them for 44
    lucky = noisy(6.65, 50)
    await play(agent, [*lucky, *noisy(6, 150)])
    assert (await look()).verdicts == ["stalled"]
    await play(agent, [*noisy(6, 2000)], ended=datetime.now(UTC) - timedelta(days=9))
    assert (await look()).verdicts == []


async def test_the_best_may_be_long_ago(agent: asyncpg.Connection, look: Look) -> None:
    await play(agent, [*noisy(10, 50), *noisy(6, 3000)])
    assert (await look()).verdicts == ["stalled"]


# -- diverging ---------------------------------------------------------------------------------


async def pair(rows: asyncpg.Connection, values: Sequence[tuple[float, float | None]]) -> None:
    """Pairs of these values and TD errors, the oldest first."""
    await rows.executemany(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "q_value, td_error, last_updated) values ($1, $2, '1', 'a', '1', $3, $4, $5)",
        [
            (
                AGENT,
                str(place),
                value,
                error,
                datetime.now(UTC) - timedelta(minutes=len(values) - place),
            )
            for place, (value, error) in enumerate(values)
        ],
    )


@pytest.mark.parametrize(("value", "verdicts"), [(-40.001, ["value_out_of_bounds"]), (40.0, [])])
async def test_no_value_can_be_above_what_rewards_allow(
    agent: asyncpg.Connection, look: Look, value: float, verdicts: list[str]
) -> None:
    # r_max is 2, gamma 0.95, so that no return is above 40
    await play(agent, noisy(1, 20), reward=-2)
    await pair(agent, [(value, None), (1.0, None)])
    state = await look()
    assert state.verdicts == verdicts
    assert state.bound == pytest.approx(40)
    if verdicts:
        assert state.label == "diverging"
        assert state.reasons == [
            "|Q| is 40.00 at most, above the 40.00 that r_max / (1 - gamma) allows",
            "20 of the 100 episodes that a verdict needs",
        ]


async def test_without_discounting_no_value_is_too_large(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, noisy(-1, 20), reward=-1)
    await pair(agent, [(-104.0, None)])
    await agent.execute("update agent_types set discount_factor = 1 where agent_type = $1", AGENT)
    state = await look()
    await agent.execute(
        "update agent_types set discount_factor = 0.95 where agent_type = $1", AGENT
    )
    assert state.bound is None
    assert state.verdicts == []


async def test_a_reward_of_its_own_row_counts(agent: asyncpg.Connection, look: Look) -> None:
    await play(agent, noisy(1, 20), reward=1)
    await pair(agent, [(30.0, None)])
    assert (await look()).verdicts == ["value_out_of_bounds"]
    await agent.execute(
        "insert into rewards (agent_type, state_hash, action_hash, reward_value) "
        "values ($1, 's', 'a', 2)",
        AGENT,
    )
    assert (await look()).verdicts == []


async def test_without_rewards_nothing_is_too_large(agent: asyncpg.Connection, look: Look) -> None:
    await play(agent, noisy(0, 20), reward=0)
    await pair(agent, [(5.0, None)])
    assert (await look()).verdicts == []


RISING = [(0.0, 1.0 + place // 50 + place % 2 / 10) for place in range(250)]


async def test_diverging_is_a_td_error_that_rises_over_five_windows(
    agent: asyncpg.Connection, look: Look
) -> None:
    await pair(agent, [(value, -error) for value, error in RISING])
    state = await look()
    assert state.verdicts == ["diverging"]
    assert state.reasons == [
        "mean |TD error| rises over five windows: 1.050 → 2.050 → 3.050 → 4.050 → 5.050"
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        [*RISING[:200], *RISING[150:200]],  # the last window is as the one before
        RISING[::-1],
        [(0.0, 1 + place // 50 / 1e6 + place % 2) for place in range(250)],  # by less than chance
        [(0.0, float(place)) for place in range(24)],  # windows of fewer than five
    ],
)
async def test_not_diverging(
    agent: asyncpg.Connection, look: Look, pairs: list[tuple[float, float]]
) -> None:
    await pair(agent, pairs)
    assert (await look()).verdicts == []


# -- what instances report ---------------------------------------------------------------------


async def beat(rows: asyncpg.Connection, instance: str = "one", **values: Any) -> None:
    known = {
        "agent_type": AGENT,
        "agent_instance_id": instance,
        "current_exploration_rate": 0.5,
        "current_learning_rate": 0.1,
        **values,
    }
    names = ", ".join(known)
    places = ", ".join(f"${number + 1}" for number in range(len(known)))
    await rows.execute(f"insert into agent_states ({names}) values ({places})", *known.values())


@pytest.mark.parametrize(
    ("values", "verdicts"),
    [
        ({"total_tasks": 100}, ["never_looked_up"]),
        ({"total_tasks": 99}, []),
        ({"total_tasks": 100, "lookups": 1, "lookup_hits": 1}, []),
        ({"lookups": 100}, ["lookups_always_miss"]),
        ({"lookups": 99}, []),
        ({"lookups": 100, "lookup_hits": 1}, []),
        ({"status": "error"}, ["error"]),
        ({"status": "learning", "last_activity": timedelta(minutes=16)}, ["heartbeat_lost"]),
        ({"status": "learning", "last_activity": timedelta(minutes=10)}, []),
        ({"status": "idle", "last_activity": timedelta(days=9)}, []),
    ],
)
async def test_heartbeats_tell(
    agent: asyncpg.Connection, look: Look, values: dict[str, Any], verdicts: list[str]
) -> None:
    await pair(agent, [(1.0, None)])
    if "last_activity" in values:  # so long ago now, not when the tests were collected
        values = {**values, "last_activity": datetime.now(UTC) - values["last_activity"]}
    await beat(agent, **values, q_values_stored=1)
    assert (await look()).verdicts == verdicts
    assert (await look("one")).verdicts == verdicts
    assert len((await look()).reasons) == len(verdicts)


async def test_nothing_learned_is_not_unread(agent: asyncpg.Connection, look: Look) -> None:
    await beat(agent, total_tasks=100)
    assert (await look()).verdicts == []


# -- instances, greedy episodes, figures -------------------------------------------------------


async def test_an_instance_has_the_episodes_of_its_own_sessions(
    agent: asyncpg.Connection, look: Look
) -> None:
    for name, level, successes in (("good", 5.0, 120), ("bad", 1.0, 0)):
        await beat(agent, name, total_tasks=120, lookups=9, lookup_hits=9)
        session = await agent.fetchval(
            "insert into sessions (agent_type, agent_instance_id) values ($1, $2) "
            "returning session_id",
            AGENT,
            name,
        )
        await play(agent, noisy(level, 120), session=session, successes=successes)
    good, bad = await look("good"), await look("bad")
    assert (good.mean, good.verdicts) == (5.0, [])
    assert (bad.mean, bad.verdicts) == (1.0, ["failing"])
    assert good.name == "good"
    assert (await look()).mean == pytest.approx(3, abs=1)


async def test_greedy_episodes_decide_where_there_are_enough(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, noisy(1, 200), successes=0)
    await play(agent, noisy(5, 49), greedy=True)
    state = await look()
    assert state.is_greedy is False
    assert state.verdicts == ["failing"]
    assert "fewer than 50 greedy episodes" in state.judged_by
    await play(agent, [5.0], greedy=True)
    state = await look()
    assert state.is_greedy is True
    assert state.verdicts == []
    assert state.mean == pytest.approx(5, abs=0.1)
    assert state.judged_by == "the last 50 greedy episodes"


async def test_greedy_episodes_of_long_ago_do_not_decide(
    agent: asyncpg.Connection, look: Look
) -> None:
    await play(agent, noisy(5, 50), greedy=True, ended=datetime.now(UTC) - timedelta(days=9))
    await play(agent, noisy(1, 200), successes=0)
    assert (await look()).verdicts == ["failing"]


async def test_figures(agent: asyncpg.Connection, look: Look) -> None:
    await play(agent, [*noisy(1, 100), *noisy(11, 100)], successes=150)
    state = await look()
    assert state.trend == "improved"
    assert (state.early, state.late, state.mean) == pytest.approx((1, 11, 11))
    assert (state.successes, state.tried, state.epsilon) == (0, 50, 0.25)
    assert state.episodes == 200
    assert len(state.curve) == 24
    assert state.curve[0] == pytest.approx(1, abs=0.3)
    assert state.curve[-1] == pytest.approx(11, abs=0.3)


@pytest.mark.parametrize(("late", "trend"), [(0.3, "holds"), (0.7, "improved"), (-0.7, "fell")])
async def test_a_trend_is_beyond_chance(
    agent: asyncpg.Connection, look: Look, late: float, trend: str
) -> None:
    # three standard errors of the difference are 0.42
    await play(agent, [*noisy(0, 100), *noisy(late, 100)])
    state = await look()
    assert state.trend == trend
    assert state.verdicts == (["fell"] if trend == "fell" else [])


# -- what it costs -----------------------------------------------------------------------------


async def test_measures_are_kept_for_a_multiple_of_what_they_took(
    agent: asyncpg.Connection, panel: Any
) -> None:
    learning = CachedVerdicts(panel.app.state.engine)
    await pair(agent, [(1.0, None)])
    (first,) = await learning.agent_types(AGENT)
    learning.scan.took_s = 1000.0  # a scan that must not be repeated today
    await agent.execute("delete from q_values where agent_type = $1", AGENT)
    (second,) = await learning.agent_types(AGENT)
    assert (first.pairs, second.pairs) == (1, 1)
    learning.scan.forget()
    (third,) = await learning.agent_types(AGENT)
    assert third.pairs == 0


async def test_measures_are_not_those_of_a_namesake_that_was_deleted(
    rows: asyncpg.Connection, panel: Any
) -> None:
    async def make() -> None:
        await rows.execute(
            "insert into agent_types (agent_type, display_name) values ('short-lived', 'S')"
        )

    learning = CachedVerdicts(panel.app.state.engine)
    await make()
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data,"
        " q_value) values ('short-lived', 's', '1', 'a', '1', 5)"
    )
    (first,) = await learning.agent_types("short-lived")
    learning.scan.took_s = 1000.0  # a scan that must not be repeated today
    await rows.execute("delete from q_values where agent_type = 'short-lived'")
    await rows.execute("delete from agent_types where agent_type = 'short-lived'")
    await make()
    (second,) = await learning.agent_types("short-lived")
    await rows.execute("delete from agent_types where agent_type = 'short-lived'")
    assert (first.pairs, first.largest_value) == (1, 5.0)
    assert (second.pairs, second.largest_value) == (None, None)


async def test_many_pieces_tell_what_one_does(
    agent: asyncpg.Connection, panel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows a piece has, and though many episodes ended at one moment."""
    await pair(agent, [(float(place % 97), place / 10) for place in range(600)])
    await play(agent, [*noisy(3, 400), *noisy(9, 50), *noisy(4, 270)])
    await play(agent, noisy(5, 75), greedy=True)

    async def measured() -> Any:
        found = await history_scan.scan_history(panel.app.state.engine)
        return next(one for one in found if one["agent_type"] == AGENT)

    whole = await measured()
    assert (whole["pairs"], whole["largest_value"]) == (600, 96)
    assert whole["td_errors"] == pytest.approx([37.45, 42.45, 47.45, 52.45, 57.45])
    assert (whole["episodes"], whole["greedy_episodes"]) == (720, 75)
    assert whole["best"] == pytest.approx(7)  # 30 of 9 and 20 of 4
    monkeypatch.setattr(history_scan, "ROWS_A_CHUNK", 50)
    assert await measured() == whole
    await agent.execute("update trajectories set completed_at = now() where agent_type = $1", AGENT)
    assert (await measured())["episodes"] == 720


async def test_who_needs_attention_comes_first(agent: asyncpg.Connection, panel: Any) -> None:
    await beat(agent, "a", status="idle")
    await beat(agent, "b", status="error")
    await beat(agent, "c", lookups=100)
    found = await CachedVerdicts(panel.app.state.engine).instances()
    assert [state.name for state in found if state.agent_type == AGENT] == ["b", "c", "a"]
