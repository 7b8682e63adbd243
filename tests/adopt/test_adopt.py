"""A database of the original's becomes ours, row by row, or stays what it is."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from qlmodels import logins, migrate
from qlmodels.adopt import Adoption, NotTheOriginal, RowsLost, adopt
from qlmodels.adopt.detect import sql
from qlmodels.adopt.legacy_schema import LEGACY_TABLES
from qlmodels.cli import app
from qlmodels.connection import connect
from qlmodels.embedded import Binaries
from tests.adopt.original import FORMS, make_original
from tests.conftest import PASSWORD, Database
from tests.support.supabase import supabase_project

pytestmark = [pytest.mark.newest_first, pytest.mark.long]

Rows = Mapping[Any, Mapping[str, Any]]


async def rows_of(owner: asyncpg.Connection) -> Mapping[str, Rows]:
    """Every row by its key, as far as the original had the columns; numbers as they compare."""
    found = {}
    for table, columns in LEGACY_TABLES.items():
        rows = await owner.fetch(f"select {', '.join(columns)} from public.{table}")
        key = next(iter(columns))
        found[table] = {
            row[key]: {
                name: _comparable(value) for name, value in row.items() if name != "success_rate"
            }
            for row in rows
        }
    return found


def _comparable(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return "NaN" if value.is_nan() else float(value)


async def rejects_of(owner: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    rows = await owner.fetch("select * from qlmodels_private.adopt_rejects order by row_key")
    found: dict[str, list[dict[str, Any]]] = {table: [] for table in LEGACY_TABLES}
    for row in rows:
        read = dict(row)
        read["original"] = json.loads(row["original"])
        read["correction"] = json.loads(row["correction"]) if row["correction"] else None
        found[row["table_name"]].append(read)
    return found


@pytest.fixture(params=FORMS)
async def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_every_row_is_kept(empty_database: Database, form: str) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, form, scale=1, faulty=False)
        before = await rows_of(owner)
    adoption = await _adopt(empty_database)
    assert adoption.form == form
    assert [(moved.rows, moved.kept, moved.corrected) for moved in adoption.tables] == [
        (len(before[table]), len(before[table]), 0) for table in LEGACY_TABLES
    ]
    async with connect(empty_database.owner) as owner:
        assert await rows_of(owner) == before
        assert not any((await rejects_of(owner)).values())
        audited = "select count(*) from qlmodels_private.audit_log where table_name = 'q_values'"
        assert await owner.fetchval(audited) == 0
        left = await owner.fetch(
            "select nspname from pg_namespace where nspname = 'qlmodels_adopt'"
            " union select relname from pg_class where relname = 'alembic_version'"
            " and relnamespace = 'public'::regnamespace"
        )
        assert left == []
        next_id = await owner.fetchval(
            "select upsert_q_value('code-complexity', 's', '1', 'a', '1', 1)"
        )
        assert next_id > max(before["q_values"])
    await asyncio.to_thread(migrate.check, empty_database.owner)


async def test_what_cannot_be_kept_is_written_down(empty_database: Database, form: str) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, form, scale=1, faulty=True)
        before = await rows_of(owner)
        documents = {
            table: {
                str(row["key"]): json.loads(row["document"])
                for row in await owner.fetch(
                    f"select {next(iter(columns))} as key, to_jsonb(t) as document from {table} t"
                )
            }
            for table, columns in LEGACY_TABLES.items()
        }
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        after, rejects = await rows_of(owner), await rejects_of(owner)
        for table in LEGACY_TABLES:
            told = {reject["row_key"]: reject for reject in rejects[table]}
            assert before[table].keys() >= after[table].keys()
            for key, row in before[table].items():
                reject = told.get(str(key))
                if reject is None:
                    assert after[table][key] == row
                    continue
                assert reject["original"] == documents[table][str(key)]
                assert reject["reason"]
                if reject["correction"] is None:
                    assert key not in after[table]
                else:
                    kept = after[table][key]
                    assert {n for n in row if kept[n] != row[n]} <= reject["correction"].keys()
        out = {
            table: sorted(
                str(reject["original"].get(name))
                for reject in rejects[table]
                if reject["correction"] is None
            )
            for table, name in NAMED.items()
        }
        kept = {
            table: sorted(
                str(reject["original"].get(name))
                for reject in rejects[table]
                if reject["correction"] is not None
            )
            for table, name in NAMED.items()
        }
        assert all(name.startswith("out") for names in out.values() for name in names)
        assert all(name.startswith("kept") for names in kept.values() for name in names)
        assert {table: len(names) for table, names in out.items()} == {
            "agent_types": 1,
            "sessions": 1,
            "q_values": 2,
            "trajectories": 6,
            "rewards": 2,
            "patterns": 1,
            "agent_states": 0,
        }
        assert {table: len(names) for table, names in kept.items()} == {
            "agent_types": 2,
            "sessions": 2,
            "q_values": 3,
            "trajectories": 4,
            "rewards": 2,
            "patterns": 2,
            "agent_states": 1,
        }
        assert await owner.fetchval(
            "select confidence_score = 1 and uncertainty = 0 and visit_count = 0"
            " from q_values where state_hash = 'kept'"
        )
    await asyncio.to_thread(migrate.check, empty_database.owner)


NAMED = {
    "agent_types": "display_name",
    "sessions": "session_name",
    "q_values": "state_hash",
    "trajectories": "task_id",
    "rewards": "state_hash",
    "patterns": "pattern_name",
    "agent_states": "agent_instance_id",
}
"""The column of each table that says what should come of a faulty row."""


BLIND = """
create view qlmodels_adopt.q_values_faults as
select ''::text as row_key, ''::text as column_name, null::jsonb as becomes, ''::text as reason
 where false
"""


@pytest.mark.one_major
async def test_an_unforeseen_refusal_costs_one_row(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a constraint of ours refuses that no rule names is left out by itself."""
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
        before = await rows_of(owner)
    monkeypatch.setattr(
        "qlmodels.adopt.adoption.sql",
        lambda name: BLIND if name == "faults/q_values" else sql(name),
    )
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        after = await rows_of(owner)
        rejects = (await rejects_of(owner))["q_values"]
    assert len(rejects) == 5
    assert len(after["q_values"]) == len(before["q_values"]) - 5
    assert any(
        "ck_q_values" in reject["reason"] or "violates" in reject["reason"] for reject in rejects
    )


SABOTAGE = {
    "a row is lost": (
        1,
        "delete from public.q_values where q_value_id = (select min(q_value_id) from q_values)",
    ),
    "a value is another": (
        1,
        "update public.q_values set q_value = q_value + 1"
        " where q_value_id = (select max(q_value_id) from q_values)",
    ),
    "a document is another": (
        1,
        "update public.q_values set action_data = '[\"another\"]'"
        " where q_value_id = (select min(q_value_id) from q_values)",
    ),
    "a row is ours alone": (
        1,
        "insert into public.q_values (agent_type, q_value_id, state_hash, state_data, action_hash,"
        " action_data) overriding system value"
        " select agent_type, 999999999, 'invented', '1', 'x', '1' from q_values limit 1",
    ),
    "a row that was left out is kept": (
        1,
        "update qlmodels_private.adopt_rejects set correction = null"
        " where ctid = (select max(ctid) from qlmodels_private.adopt_rejects"
        " where table_name = 'q_values' and correction is not null)",
    ),
    "a row is not written down as it was": (
        5,
        "update qlmodels_private.adopt_rejects set original = '{}' where table_name = 'q_values'",
    ),
    "a correction is not what was written": (
        3,
        "update qlmodels_private.adopt_rejects set correction = '{\"q_value\": 123}'"
        " where table_name = 'q_values' and correction is not null",
    ),
}
"""What might go wrong with the pairs on their way: how many rows it harms, and how it is done."""

CARELESS = """;
alter function qlmodels_adopt.move(text) rename to move_with_care;
create function qlmodels_adopt.move(p_table text) returns void language plpgsql
set search_path = public as $$
begin
    perform qlmodels_adopt.move_with_care(p_table);
    if p_table = 'q_values' then
        {harm};
    end if;
end $$
"""


@pytest.mark.one_major
@pytest.mark.parametrize("harm", SABOTAGE)
async def test_a_fault_of_ours_on_the_way_is_noticed_and_nothing_changes(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """The rows are compared after they were moved, whatever moved them."""
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
        before = await rows_of(owner), await _objects(owner)
    rows, statement = SABOTAGE[harm]
    careless = CARELESS.format(harm=statement)
    monkeypatch.setattr(
        "qlmodels.adopt.adoption.sql",
        lambda name: sql(name) + (careless if name == "machinery" else ""),
    )
    with pytest.raises(RowsLost, match=f"^{rows} rows of q_values would not have been kept"):
        await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        assert (await rows_of(owner), await _objects(owner)) == before


@pytest.mark.slow
@pytest.mark.one_major
async def test_a_hundred_thousand_rows(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=100, faulty=False)
        before = await rows_of(owner)
    assert sum(map(len, before.values())) > 100_000
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        assert await rows_of(owner) == before


async def test_a_rehearsal_changes_nothing(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
        before = await rows_of(owner), await _objects(owner)
    rehearsed = await _adopt(empty_database, dry_run=True)
    async with connect(empty_database.owner) as owner:
        assert (await rows_of(owner), await _objects(owner)) == before
    assert await _adopt(empty_database) == rehearsed


async def test_retention_counts_from_the_adoption_on(empty_database: Database) -> None:
    """What the original kept for ever, its first purge would else delete."""
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
        await owner.execute(
            "update rewards set observed_at = now() - interval '100 days';"
            "update trajectories set expires_at = now() - interval '1 day',"
            " started_at = now() - interval '40 days',"
            " completed_at = now() - interval '40 days';"
            "update q_values set last_updated = now() - interval '90 days',"
            " expires_at = case when q_value_id % 2 = 0 then now() - interval '60 days' end;"
            "alter table agent_states disable trigger user;"
            "update agent_states set last_activity = now() - interval '90 days';"
            "update patterns set first_seen = now() - interval '90 days', last_used = null;"
            "alter table sessions disable trigger user;"
            "update sessions set start_time = now() - interval '90 days', end_time = null,"
            " updated_at = now() - interval '90 days'"
        )
        before = await rows_of(owner)
    day = datetime.now(UTC).date() + timedelta(days=30)
    rehearsed = await _adopt(empty_database, dry_run=True)
    assert {(due.table, due.rows, due.day) for due in rehearsed.expiring} == {
        ("sessions", 25, day),
        ("q_values", 250, day),
        ("trajectories", 100, day),
        ("rewards", 325, day),
    }
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        assert not any(dict(await owner.fetch("select * from cleanup_expired_data()")).values())
        assert await rows_of(owner) == before
        await owner.execute(
            "update qlmodels_private.adoptions set adopted_at = now() - interval '29 days'"
        )
        assert not any(dict(await owner.fetch("select * from cleanup_expired_data()")).values())
        await owner.execute(
            "update qlmodels_private.adoptions set adopted_at = now() - interval '31 days'"
        )
        purged = dict(await owner.fetch("select * from cleanup_expired_data()"))
        assert purged["q_values"] == 250
        assert purged["trajectories"] == 100
        kept = await owner.fetchval(
            "select sum(pairs) from qlmodels_private.policy_versions where reason = 'purge'"
        )
        assert kept == 250


async def test_the_command_says_what_would_expire(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
    monkeypatch.setenv("DATABASE_URL", empty_database.owner.render_as_string(hide_password=False))
    said = await asyncio.to_thread(CliRunner().invoke, app, ["adopt", "--dry-run"])
    assert said.exit_code == 0, said.output
    assert "rows of rewards" in said.output
    assert "Retention counts from the adoption on." in said.output


DIFFERENT = {
    "alter table rewards alter column reward_value type numeric": (
        r"is of type numeric, where the original has numeric\(12,4\)"
    ),
    "alter table patterns drop column last_used cascade": "column patterns.last_used is missing",
    "drop table rewards": "table rewards is missing",
    "create table mine (q bigint references q_values)": "mine_q_fkey on table mine is not",
    "create function mine() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger mine before insert on q_values for each row execute function mine()": (
        "trigger mine on table q_values is not"
    ),
    "create function mine(q_values) returns int language sql return 1": (
        r"function mine\(q_values\) is not"
    ),
    "create table mine () inherits (rewards)": "table mine is not",
    "create table if not exists alembic_version (version_num text);"
    "insert into alembic_version values ('a1b2c3')": "names revision a1b2c3",
}


@pytest.mark.one_major
@pytest.mark.parametrize("change", DIFFERENT)
async def test_what_is_not_the_original_is_refused(empty_database: Database, change: str) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
        await owner.execute(change)
        before = await _objects(owner)
        with pytest.raises(NotTheOriginal, match=DIFFERENT[change]):
            await _adopt(empty_database)
        assert await _objects(owner) == before


@pytest.mark.one_major
async def test_nothing_to_adopt(empty_database: Database, database: Database) -> None:
    with pytest.raises(NotTheOriginal, match="no table of the original"):
        await _adopt(empty_database)
    with pytest.raises(NotTheOriginal, match="ours already, at revision"):
        await _adopt(database)


@pytest.mark.one_major
async def test_upgrading_it_names_the_command(
    empty_database: Database, environment: dict[str, str], folder: Path
) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
    url = empty_database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    for command, ends, words in (
        (["upgrade"], 1, "`qlmodels adopt` takes it over"),
        (["up", "--no-demo"], 1, "`qlmodels adopt` takes it over"),
        (["adopt", "--dry-run"], 0, "That was a rehearsal"),
        (["adopt"], 0, "The database is ours now"),
        (["check"], 0, "as the models say"),
        (["adopt"], 1, "ours already"),
    ):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "qlmodels", *command],
            env=environment | {"DATABASE_URL": url},
            cwd=folder,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, words in done.stdout + done.stderr) == (ends, True), done


@pytest.mark.parametrize("form", FORMS)
def test_on_a_project_of_supabase(binaries: Binaries, form: str) -> None:
    """The API's roles have every right on the original's tables there, and none afterwards."""

    async def prepare() -> None:
        async with connect(project) as owner:
            await make_original(owner, form, scale=1, faulty=True)
            await owner.execute("alter publication supabase_realtime add table agent_states")

    async def look() -> None:
        async with connect(project) as owner:
            assert not await owner.fetchval(
                "select has_table_privilege('anon', 'q_values', 'select')"
            )

    with supabase_project(binaries) as project:
        asyncio.run(prepare())
        adoption = adopt(project)
        assert adoption.form == form
        assert sum(moved.left_out for moved in adoption.tables) == 13
        assert any(note.startswith("role anon loses") for note in adoption.notes)
        migrate.check(project)
        asyncio.run(look())


@pytest.mark.one_major
async def test_episodes_with_one_reward_too_many_are_corrected(empty_database: Database) -> None:
    """Where it can be told which one it is; what they were stays in adopt_rejects."""
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=True)
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        rows = await owner.fetch(
            "select task_id, step_rewards from trajectories"
            " where task_id like '%reward%' order by task_id"
        )
        assert [tuple(row) for row in rows] == [
            ("kept, first reward is 0", "[0.5]"),
            ("kept, last reward is 0", "[0.5]"),
            ("kept, rewards of states", "[0.3, 1]"),
        ]
        noted = await owner.fetch(
            "select original ->> 'task_id', correction is null from qlmodels_private.adopt_rejects"
            " where original ->> 'task_id' ~ 'reward|total|words' order by 1"
        )
    assert [tuple(row) for row in noted] == [
        ("kept, first reward is 0", False),
        ("kept, last reward is 0", False),
        ("kept, rewards of states", False),
        ("out, another total", True),
        ("out, words", True),
    ]


async def test_the_originals_clients_run_unchanged(empty_database: Database) -> None:
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
    await _adopt(empty_database)
    async with connect(empty_database.owner) as owner:
        with suppress(logins.LoginExists):
            await logins.create(owner, "agent", "test-generator", PASSWORD)
    for url in (empty_database.owner, empty_database.url("ql_test-generator")):
        async with connect(url) as client:
            number = await client.fetchval(
                "SELECT upsert_q_value($1, $2, $3, $4, $5, $6, $7)",
                "test-generator",
                "abc123",
                '{"module": "auth"}',
                "def456",
                '{"action": "generate_unit_test"}',
                0.75,
                None,
            )
            assert isinstance(number, int)
            best = await client.fetchrow(
                "SELECT * FROM get_best_action($1, $2)", "test-generator", "abc123"
            )
            assert best is not None
            assert float(best["q_value"]) == 0.75
            found = await client.fetch(
                """SELECT * FROM q_values WHERE state_data @> '{"module": "auth"}'"""
            )
            assert [row["q_value_id"] for row in found] == [number]
            await client.execute("SELECT * FROM cleanup_expired_data()")
            await client.execute(
                "INSERT INTO trajectories (agent_type, task_id, initial_state, final_state,"
                " actions_taken, states_visited, step_rewards, total_reward, discounted_reward,"
                " execution_time_ms, success, started_at) VALUES"
                " ('test-generator', 't', '{}', '{}', '[]', '[]', '[]', 1, 1, 5, true, now())"
            )
            await client.execute("SELECT * FROM agent_performance_summary")


@pytest.mark.one_major
async def test_publications_and_extensions_are_carried_and_told(empty_database: Database) -> None:
    async with connect(empty_database.superuser) as superuser:
        await superuser.execute("create extension btree_gin schema public")
        await superuser.execute(
            "create publication supabase_realtime;"
            f"alter publication supabase_realtime owner to {empty_database.owner.username}"
        )
    async with connect(empty_database.owner) as owner:
        await make_original(owner, "SQL file", scale=1, faulty=False)
        await owner.execute("alter publication supabase_realtime add table q_values, agent_states")
        await owner.execute(
            "create policy isolation on q_values using (true);"
            "alter table q_values enable row level security;"
            "alter table q_values force row level security;"
            "drop policy isolation on q_values"
        )
    adoption = await _adopt(empty_database)
    assert "extension btree_gin stays in schema public" in adoption.notes
    assert "extension pg_trgm lay in schema public and lies in extensions" in adoption.notes
    assert any(note.startswith("similarity() and the operator %") for note in adoption.notes)
    async with connect(empty_database.owner) as owner:
        published = await owner.fetch("select tablename from pg_publication_tables order by 1")
    assert [row[0] for row in published] == ["agent_states", "q_values"]
    assert {moved.table: moved.kept for moved in adoption.tables}["q_values"] == 500
    await asyncio.to_thread(migrate.check, empty_database.owner)


async def _adopt(database: Database, *, dry_run: bool = False) -> Adoption:
    return await asyncio.to_thread(adopt, database.owner, dry_run=dry_run)


async def _objects(owner: asyncpg.Connection) -> list[tuple[Any, ...]]:
    rows = await owner.fetch(
        "select oid::bigint, relname from pg_class"
        " where oid >= 16384 and relkind in ('r', 'v', 'm', 'S')"
        " union all select oid::bigint, proname from pg_proc where oid >= 16384 order by 1"
    )
    return [tuple(row) for row in rows]
