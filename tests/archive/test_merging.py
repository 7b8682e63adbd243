"""Q-tables of an archive, merged into those of another database."""

from pathlib import Path

import pytest

from qlmodels import policies
from qlmodels.archive import Encoding, export, merge_archive
from qlmodels.connection import connect
from qlmodels.errors import UnknownAgentType
from qlmodels.policies import NotMergeable
from tests.conftest import Cluster, Database, fresh_database

pytestmark = pytest.mark.one_major

THERE = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value,
                      visit_count, metadata)
values ('quality-gate', 's', '{"x": 1.10}', 'a', '"a"', 0.1, 9, 'null'),
       ('quality-gate', 's', '{"x": 1.10}', 'b', '"b"', 0.2, 1, '{}'),
       ('quality-gate', 't', '"t"', 'a', '"a"', 0.3, 5, null),
       ('visual-tester', 's', '"s"', 'a', '"a"', 7, 1, null);
insert into sessions (agent_type) values ('quality-gate');
"""
HERE = """
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value,
                      visit_count)
values ('quality-gate', 's', '{"x": 1.10}', 'a', '"a"', 0.5, 1),
       ('quality-gate', 's', '{"x": 1.10}', 'b', '"b"', 0.6, 4),
       ('quality-gate', 'u', '"u"', 'a', '"a"', 0.7, 2);
"""
VALUES = """
select state_hash || action_hash as pair, q_value from q_values
 where agent_type = 'quality-gate' order by 1
"""


@pytest.mark.parametrize("encoding", ["jsonl", "parquet"])
async def test_the_more_visited_win_and_no_other_rows_come(
    database: Database, cluster: Cluster, tmp_path: Path, encoding: Encoding
) -> None:
    async with fresh_database(cluster, "template qlmodels") as other:
        async with connect(other.owner) as owner:
            await owner.execute(THERE)
        await export(other.owner, tmp_path / "kept", encoding=encoding)
    async with connect(database.owner) as owner:
        await owner.execute(HERE)
        done = await merge_archive(
            database.owner, tmp_path / "kept", "visited", agents=["quality-gate"]
        )
        [merged] = done.values()
        assert (merged.pairs, merged.made, merged.changed, merged.unchanged) == (3, 1, 1, 1)
        assert [tuple(row) for row in await owner.fetch(VALUES)] == [
            ("sa", 0.1),
            ("sb", 0.6),
            ("ta", 0.3),
            ("ua", 0.7),
        ]
        assert await owner.fetchval("select count(*) from sessions") == 0
        assert not await owner.fetch("select from q_values where agent_type = 'visual-tester'")
        versions = await policies.read_versions(owner, "quality-gate")
        assert [(one.number, one.reason, one.pairs) for one in versions] == [
            (merged.after, "merge", 4),
            (merged.before, "merge", 3),
        ]


async def test_what_does_not_fit_changes_nothing(
    database: Database, cluster: Cluster, tmp_path: Path
) -> None:
    async with fresh_database(cluster, "template qlmodels") as other:
        async with connect(other.owner) as owner:
            await owner.execute(THERE)
            await owner.execute("update agent_types set environment = 'sea'")
        await export(other.owner, tmp_path / "kept")
    async with connect(database.owner) as owner:
        await owner.execute(HERE)
        before = await owner.fetch(VALUES)
        await owner.execute("update agent_types set environment = 'lake'")
        with pytest.raises(NotMergeable, match=r"environment 'sea' and .* in 'lake'"):
            await merge_archive(database.owner, tmp_path / "kept", "overwrite")
        await owner.execute("update agent_types set environment = null")
        await owner.execute("delete from agent_types where agent_type = 'visual-tester'")
        with pytest.raises(UnknownAgentType, match="visual-tester"):
            await merge_archive(database.owner, tmp_path / "kept", "overwrite")
        assert await owner.fetch(VALUES) == before
        assert await policies.read_versions(owner, "quality-gate") == []


async def test_a_version_is_merged(database: Database) -> None:
    async with connect(database.owner) as owner:
        await owner.execute(THERE)
        number = await policies.keep(owner, "quality-gate")
        await owner.execute("update q_values set q_value = 9 where agent_type = 'quality-gate'")
        preview = await policies.preview_merge(
            owner, "quality-gate", "test-generator", version=number
        )
        assert (preview.pairs, preview.made) == (3, 3)
        async with owner.transaction():
            await policies.merge(owner, "quality-gate", "test-generator", version=number)
        values = await owner.fetch(
            "select q_value from q_values where agent_type = 'test-generator' order by 1"
        )
    assert [row["q_value"] for row in values] == [0.1, 0.2, 0.3]
