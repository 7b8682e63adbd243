"""What is exported and imported again is the same, row for row and bit for bit."""

import asyncio
import hashlib
import json
import tracemalloc
from importlib import import_module
from pathlib import Path

import pytest

from qlmodels import policies
from qlmodels.archive import (
    AgentTypeTaken,
    ArchiveDamaged,
    Encoding,
    FolderInUse,
    NotAnArchive,
    NotExportable,
    export,
    import_archive,
)
from qlmodels.archive.layout import TABLE_ORDER, layouts
from qlmodels.connection import connect
from qlmodels.errors import UnknownAgentType, WrongRevision
from tests.archive.conftest import all_rows, load
from tests.conftest import Database
from tests.support.blocking import until_blocked, until_blocks

pytestmark = pytest.mark.newest_first

FINITE = """
update sessions set end_time = '9999-12-31 23:59:59.999999';
update q_values set expires_at = null;
"""
ENCODINGS: tuple[Encoding, ...] = ("jsonl", "parquet")


async def test_every_table_and_column_is_there(database: Database) -> None:
    async with connect(database.owner) as owner:
        columns = await owner.fetch(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and is_generated = 'NEVER' and table_name = any ($1)",
            list(TABLE_ORDER),
        )
    kept = {(layout.name, field.name) for layout in layouts() for field in layout.fields}
    assert kept == {tuple(row) for row in columns}


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_it_is_the_same_row_for_row(
    filled: Database, target: Database, tmp_path: Path, encoding: Encoding
) -> None:
    if encoding == "parquet":
        await load(filled, FINITE)
    before = await all_rows(filled)
    page = await export(filled.owner, tmp_path / "all", encoding=encoding)
    assert page.rows == sum(map(len, before.values()))
    await import_archive(target.owner, tmp_path / "all")
    assert await all_rows(target) == before
    assert await all_rows(filled) == before


async def test_exact_whatever_the_login_has_set(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    async with connect(filled.owner) as owner:
        await owner.execute(f"alter database {filled.name} set extra_float_digits = -5")
        await owner.execute(f"alter database {filled.name} set timezone = 'Asia/Kathmandu'")
        await owner.execute(f"alter database {filled.name} set datestyle = 'German'")
    await export(filled.owner, tmp_path / "all")
    await import_archive(target.owner, tmp_path / "all")
    assert await all_rows(target) == await all_rows(filled)


async def test_json_lines_are_json_and_sorted_and_repeatable(
    filled: Database, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        await export(filled.owner, tmp_path / name)
    for table in TABLE_ORDER:
        one, two = ((tmp_path / name / f"{table}.jsonl").read_bytes() for name in ("one", "two"))
        assert one == two
        rows = [json.loads(line) for line in one.decode().split("\n")[:-1]]
        assert [row["agent_type"] for row in rows] == sorted(row["agent_type"] for row in rows)
    first = json.loads((tmp_path / "one/q_values.jsonl").read_text().splitlines()[0])
    assert first["state_data"] is None
    assert "session_id" not in first


async def test_chosen_agents_alone(filled: Database, target: Database, tmp_path: Path) -> None:
    await export(filled.owner, tmp_path / "two", agents=["own-agent", "test-generator"])
    await import_archive(target.owner, tmp_path / "two", agents=["own-agent"])
    assert await all_rows(target, "own-agent") == await all_rows(filled, "own-agent")
    others = await all_rows(target, "test-generator", "security-scanner")
    assert {table for table, rows in others.items() if rows} == {"agent_types"}
    await import_archive(target.owner, tmp_path / "two", agents=["test-generator"])
    agents = ("own-agent", "test-generator")
    assert await all_rows(target, *agents) == await all_rows(filled, *agents)


async def test_new_numbers_are_beyond_those_that_came(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await load(filled, "select setval('q_values_q_value_id_seq', 5000)")
    await load(
        filled,
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
        " values ('own-agent', 'high', '0', 'a', '0')",
    )
    await export(filled.owner, tmp_path / "all")
    await import_archive(target.owner, tmp_path / "all")
    async with connect(target.url("ql_test-generator")) as agent:
        new = await agent.fetchval(
            "select upsert_q_value('test-generator', 's', '{}', 'a', '{}', 1)"
        )
    assert new == 5002
    async with connect(target.owner) as owner:  # and never moved back
        await owner.execute("select setval('q_values_q_value_id_seq', 9000)")
        await import_archive(target.owner, tmp_path / "all", agents=["own-agent"], replace=True)
        assert await owner.fetchval("select last_value from q_values_q_value_id_seq") == 9000


async def test_rows_that_are_there_are_not_touched_unless_they_are_to_be_replaced(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "all")
    async with connect(target.url("ql_test-generator")) as agent:
        await agent.execute("select upsert_q_value('test-generator', 's', '{}', 'a', '{}', 1)")
    before = await all_rows(target)
    with pytest.raises(AgentTypeTaken, match=r"test-generator\. .*--replace.* Nothing was written"):
        await import_archive(target.owner, tmp_path / "all")
    assert await all_rows(target) == before
    await import_archive(target.owner, tmp_path / "all", replace=True)
    assert await all_rows(target) == await all_rows(filled)


async def test_what_makes_way_is_kept_and_what_came_too(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "all")
    async with connect(target.owner) as owner:
        for state in ("s", "t"):
            await owner.execute(
                "select upsert_q_value('test-generator', $1, '{}', 'a', '{}', 1)", state
            )
        await import_archive(target.owner, tmp_path / "all", replace=True)
        kept = [
            (version.number, version.reason, version.pairs, (version.note or "")[:12])
            for version in await policies.read_versions(owner, "test-generator")
        ]
        number = "select max(policy_version) from trajectories where agent_type = 'test-generator'"
        highest = await owner.fetchval(number) or 0
        pairs = await owner.fetchval(
            "select count(*) from q_values where agent_type = 'test-generator'"
        )
    assert (1, "import", 2, f"before {tmp_path}"[:12]) in kept
    if highest:
        assert kept[0] == (kept[0][0], "import", pairs, "as it came f")
        assert kept[0][0] > highest


async def test_agents_that_the_archive_has_not_are_refused(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "one", agents=["own-agent"])
    before = await all_rows(target)
    with pytest.raises(NotAnArchive, match="holds no agent type test-generator; it holds own-age"):
        await import_archive(target.owner, tmp_path / "one", agents=["own-agent", "test-generator"])
    assert await all_rows(target) == before


async def test_settings_that_somebody_changed_count_as_rows(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "one", agents=["security-scanner"])
    await load(target, "update agent_types set retention_days = 90")
    with pytest.raises(AgentTypeTaken, match="changed settings of security-scanner"):
        await import_archive(target.owner, tmp_path / "one")


async def test_grants_of_orchestrators_and_the_trigger_stay(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "all")
    async with connect(target.owner) as owner:
        grants = await owner.fetch("select * from qlmodels_private.fleet_grants order by 1, 2")
        await import_archive(target.owner, tmp_path / "all", replace=True)
        assert grants == await owner.fetch(
            "select * from qlmodels_private.fleet_grants order by 1, 2"
        )
        assert await owner.fetchval(
            "update agent_types set retention_days = 8 where agent_type = 'own-agent'"
            " returning updated_at = now()"
        )


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "harm", ["a bit", "a byte less", "a file less", "no manifest", "a manifest cut short"]
)
async def test_a_damaged_archive_is_refused_before_anything_is_written(
    filled: Database, target: Database, tmp_path: Path, harm: str, encoding: Encoding
) -> None:
    if encoding == "parquet":
        await load(filled, FINITE)
    await export(filled.owner, tmp_path / "all", encoding=encoding)
    file, page = tmp_path / f"all/rewards.{encoding}", tmp_path / "all/manifest.json"
    data = file.read_bytes()
    match harm:
        case "a bit":
            file.write_bytes(data[:9] + bytes([data[9] ^ 1]) + data[10:])
        case "a byte less":
            file.write_bytes(data[:-1])
        case "a file less":
            file.unlink()
        case "no manifest":
            page.unlink()
        case _:
            page.write_text(page.read_text()[:300])
    before = await all_rows(target)
    with pytest.raises(NotAnArchive if harm == "no manifest" else ArchiveDamaged):
        await import_archive(target.owner, tmp_path / "all", replace=True)
    assert await all_rows(target) == before


async def test_a_manifest_that_counts_wrong_writes_nothing(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "all")
    page, file = tmp_path / "all/manifest.json", tmp_path / "all/rewards.jsonl"
    told = json.loads(page.read_text())
    lines = file.read_bytes().splitlines(keepends=True)[:-1]
    file.write_bytes(b"".join(lines))
    told["tables"]["rewards"] |= {
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    page.write_text(json.dumps(told))
    before = await all_rows(target)
    with pytest.raises(ArchiveDamaged, match=r"holds 5 rows .* says 6"):
        await import_archive(target.owner, tmp_path / "all")
    assert await all_rows(target) == before


async def test_another_revision_is_refused(
    filled: Database, target: Database, tmp_path: Path
) -> None:
    await export(filled.owner, tmp_path / "all")
    page = tmp_path / "all/manifest.json"
    told = json.loads(page.read_text()) | {"revision": "earlier"}
    page.write_text(json.dumps(told))
    with pytest.raises(WrongRevision, match="archive is of revision earlier"):
        await import_archive(target.owner, tmp_path / "all")


@pytest.mark.one_major
async def test_no_archive_is_overwritten(filled: Database, tmp_path: Path) -> None:
    await export(filled.owner, tmp_path / "all")
    with pytest.raises(FolderInUse, match="holds an archive already"):
        await export(filled.owner, tmp_path / "all")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/mine.txt").touch()
    with pytest.raises(FolderInUse, match=r"holds mine\.txt"):
        await export(filled.owner, tmp_path / "notes")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "all").iterdir()} == {0o600}


@pytest.mark.one_major
async def test_what_cannot_be_exported_says_so(filled: Database, tmp_path: Path) -> None:
    with pytest.raises(UnknownAgentType, match="no agent type nobody"):
        await export(filled.owner, tmp_path / "x", agents=["nobody"])
    with pytest.raises(NotExportable, match="JSON Lines"):
        await export(filled.owner, tmp_path / "x", encoding="parquet")
    assert not [path.name for path in (tmp_path / "x").iterdir()]
    await export(filled.owner, tmp_path / "x")


@pytest.mark.slow
@pytest.mark.one_major
@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_memory_does_not_grow_with_the_rows(
    database: Database, target: Database, tmp_path: Path, encoding: Encoding
) -> None:
    async with connect(database.url("ql_test-generator")) as agent:
        await agent.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data)"
            " select 'test-generator', number, jsonb_build_object('text', repeat('x', 300)), 'a',"
            " '0' from generate_series(1, 40000) as number"
        )
    import_module("pyarrow.parquet")  # a library's own code is no row
    tracemalloc.start()
    try:
        await export(database.owner, tmp_path / "all", encoding=encoding)
        _, exporting = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        await import_archive(target.owner, tmp_path / "all")
        _, importing = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    rows = 40_000 * 450
    assert exporting < rows / 2
    assert importing < rows / 2


@pytest.mark.one_major
async def test_writers_wait_while_rows_are_replaced(filled: Database, tmp_path: Path) -> None:
    """Held in the middle, the import lets no row in that it would neither keep nor delete."""
    await export(filled.owner, tmp_path / "all", agents=["own-agent"])
    async with connect(filled.owner) as holder, connect(filled.owner) as writer:
        held = holder.transaction()
        await held.start()
        await holder.execute("select from q_values where agent_type = 'own-agent' for update")
        importing = asyncio.create_task(
            import_archive(filled.owner, tmp_path / "all", replace=True)
        )
        await until_blocks(holder, 1)
        insert = writer.execute("insert into sessions (agent_type) values ('own-agent')")
        inserting = asyncio.create_task(insert)
        try:
            await until_blocked(holder, writer.get_server_pid())
        finally:
            await held.rollback()
            await importing
            await inserting
