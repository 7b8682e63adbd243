"""The same isolation where `postgres` is no superuser, and all it makes goes to the API's roles."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest
from asyncpg.exceptions import InsufficientPrivilegeError
from sqlalchemy import URL

from qlmodels import acting_as, logins, migrate, realtime
from qlmodels.access import declared_matrix, live_matrix
from qlmodels.connection import connect, create_engine
from qlmodels.embedded import all_binaries
from tests.conftest import PASSWORD
from tests.support.supabase import supabase_project

TABLES = declared_matrix().tables


@pytest.fixture(params=all_binaries(), scope="module", ids=lambda found: f"pg{found.major}")
def project(request: pytest.FixtureRequest) -> Iterator[URL]:
    """Where `postgres` logs in, migrated."""
    with supabase_project(request.param) as owner:
        migrate.upgrade(owner)
        yield owner


async def test_the_platforms_default_grants_are_taken_back(project: URL) -> None:
    async with connect(project) as owner:
        assert (await live_matrix(owner)).document() == declared_matrix().document()
        for role in ("anon", "authenticated"):
            for sequence in ("q_values_q_value_id_seq", "rewards_reward_id_seq"):
                assert not await owner.fetchval(
                    "select has_sequence_privilege($1, $2, 'usage, select, update')",
                    role,
                    f"public.{sequence}",
                )
        callable_ = await owner.fetch(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace"
            " and has_function_privilege('anon', oid, 'execute')"
        )
        assert callable_ == []


def test_nothing_differs_after_the_migration(project: URL) -> None:
    migrate.check(project)


async def test_realtime_is_turned_on_and_off(project: URL) -> None:
    """The platform's publication is there already, empty."""
    async with connect(project) as owner:
        assert (await realtime.turn_on(owner)).tables == ("agent_states",)
    await asyncio.to_thread(migrate.check, project)
    async with connect(project) as owner:
        assert (await realtime.turn_off(owner)).tables == ()


async def test_logins_work(project: URL) -> None:
    async with connect(project) as owner:
        made = [
            await logins.create(owner, "agent", "test-generator", PASSWORD),
            await logins.create(owner, "fleet", "all", PASSWORD, may_act_as=["quality-gate"]),
            await logins.create(owner, "panel", "all", PASSWORD),
        ]
        assert [login.name for login in await logins.list_logins(owner)] == sorted(made)
        await owner.execute("select upsert_q_value('quality-gate', 's', '1', 'a', '1', 1)")

        agent, fleet, panel = (project.set(username=name) for name in made)
        async with connect(agent) as connection:
            assert await connection.fetchval("select count(*) from q_values") == 0
            await connection.execute(
                "select upsert_q_value('test-generator', 's', '1', 'a', '1', 1)"
            )
            with pytest.raises(InsufficientPrivilegeError):
                await connection.execute(
                    "select upsert_q_value('quality-gate', 's', '1', 'a', '1', 2)"
                )
        for url in (fleet, panel):
            engine = create_engine(url)
            async with acting_as(engine, "quality-gate") as session:
                rows = (
                    await (await session.connection()).exec_driver_sql(
                        "select agent_type from q_values"
                    )
                ).scalars()
                assert rows.all() == ["quality-gate"]
            await engine.dispose()
        await logins.rotate(owner, made[0], "another")
        async with connect(agent.set(password="another")):
            pass
        for login in made:
            await logins.drop(owner, login)
        assert await logins.list_logins(owner) == []


async def test_api_sessions(project: URL) -> None:
    async with connect(project) as owner:
        await owner.execute(
            "select upsert_q_value(kind, 'api', '1', 'a', '1', 1)"
            " from unnest(array['test-generator', 'visual-tester']) as kind"
        )
    async with connect(project.set(username="authenticator")) as api:
        named = '{"app_metadata": {"agent_type": "visual-tester"}}'
        own = '{"user_metadata": {"agent_type": "visual-tester"}}'
        assert await _asked(api, "authenticated", named) == ["visual-tester"]
        for claims in (own, "{}", ""):
            assert await _asked(api, "authenticated", claims) == []
        assert len(await _asked(api, "service_role", "{}")) == 2
        with pytest.raises(InsufficientPrivilegeError):
            await _asked(api, "anon", named)
        for table in TABLES:
            with pytest.raises(InsufficientPrivilegeError):
                await _asked(api, "anon", named, f"truncate public.{table} cascade")


PAIRS = "select agent_type from q_values where state_hash = 'api'"


async def _asked(
    api: asyncpg.Connection, role: str, claims: str, question: str = PAIRS
) -> list[str]:
    """Whose rows a request of this role with these claims reads, as PostgREST would ask."""
    async with api.transaction():
        await api.execute(f"set local role {role}")
        await api.fetchval("select set_config('request.jwt.claims', $1, true)", claims)
        rows = await api.fetch(question)
    return sorted(row["agent_type"] for row in rows)
