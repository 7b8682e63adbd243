"""Whatever logins, roles, settings and statements follow each other, nobody sees another's rows."""

import asyncio
from dataclasses import dataclass

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from qlmodels.connection import connect
from tests.isolation.conftest import Arena

OWN = {
    "ql_test-generator": {"test-generator"},
    "ql_security-scanner": {"security-scanner"},
    "qlfleet_test": {"test-generator", "quality-gate"},
}
MARKS = {
    "test-generator": "mine",
    "security-scanner": "crown-jewels",
    "quality-gate": "somebody-else",
}
TYPES = sorted(MARKS)

QUESTIONS = (
    "select state_data::text from q_values",
    "select session_name from sessions",
    "select row_to_json(t)::text from trajectories as t",
    "select string_agg(display_name, ',') from agent_types",
    "select state_data::text from find_states('{}')",
    "select pattern_name from find_patterns()",
    "select action_data::text from get_best_action('security-scanner', 'shared')",
    "select action_data::text from get_best_action('test-generator', 'shared')",
    "update q_values set confidence_score = 1 returning state_data::text",
    "select display_name from agent_performance_summary",
    "execute kept",
)

agent_types = st.sampled_from(TYPES)
scopes = st.sampled_from(["session", "local"])
steps = st.one_of(
    st.sampled_from(QUESTIONS),
    st.sampled_from(QUESTIONS),
    st.sampled_from(["begin", "commit", "rollback", "reset role", "reset all"]),
    st.builds("set {} app.agent_type = '{}'".format, scopes, agent_types),
    st.builds("select qlmodels.act_as('{}')".format, agent_types),
    st.builds("set {} row_security = {}".format, scopes, st.sampled_from(["on", "off"])),
    st.builds(
        "set {} role {}".format,
        scopes,
        st.sampled_from(["qlmodels_agent", "qlmodels_fleet", "authenticated", "qlmodels_definer"]),
    ),
    st.builds(
        'set {} request.jwt.claims = \'{{"app_metadata": {{"agent_type": "{}"}}}}\''.format,
        scopes,
        agent_types,
    ),
    st.just("prepare kept as select state_data::text from q_values"),
    st.sampled_from(["set plan_cache_mode = force_generic_plan", "set search_path = pg_temp"]),
)


@dataclass(frozen=True)
class Turn:
    login: str
    step: str


turns = st.lists(st.builds(Turn, st.sampled_from(sorted(OWN)), steps), min_size=4, max_size=25)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("port", ["direct", "pooled", "pooled_and_reset"])
async def test_nobody_sees_anothers_rows(arena: Arena, port: str) -> None:
    """The connections stay from one example to the next, with all that was done to them."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(turns)
    def check(script: list[Turn]) -> None:
        asyncio.run_coroutine_threadsafe(_play(connections, script), loop).result()

    connections: dict[str, asyncpg.Connection] = {}
    async with (
        connect(_url(arena, port, "ql_test-generator"), pooler="transaction") as one,
        connect(_url(arena, port, "ql_security-scanner"), pooler="transaction") as two,
        connect(_url(arena, port, "qlfleet_test"), pooler="transaction") as three,
    ):
        connections |= dict(zip(OWN, (one, two, three), strict=True))
        await asyncio.to_thread(check)
        for connection in connections.values():
            await connection.execute("rollback")


def _url(arena: Arena, port: str, login: str) -> URL:
    url = arena.database.url(login)
    return url if port == "direct" else url.set(port=getattr(arena, port))


async def _play(connections: dict[str, asyncpg.Connection], script: list[Turn]) -> None:
    for turn in script:
        try:
            found = str(await connections[turn.login].fetch(turn.step))
        except PostgresError as error:
            found = str(error)
        for agent_type, mark in MARKS.items():
            assert agent_type in OWN[turn.login] or mark not in found, turn
    for connection in connections.values():
        await connection.execute("rollback")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_search_would_find_it(arena: Arena) -> None:
    """With one policy, that believes a setting, one of the steps above is enough."""
    superuser = arena.superuser
    transaction = superuser.transaction()
    await transaction.start()
    await superuser.execute(
        "drop policy confined on q_values;"
        "alter policy qlmodels_agent_access on q_values"
        " using (agent_type = current_setting('app.agent_type', true))"
    )
    await superuser.execute('set local session authorization "ql_test-generator"')
    await superuser.execute("set local app.agent_type = 'security-scanner'")
    found = str(await superuser.fetch(QUESTIONS[0]))
    await transaction.rollback()
    assert MARKS["security-scanner"] in found
