"""Revisions of somebody's own tables: written, run, undone, refused."""

import asyncio
import re
from shutil import copy
from typing import Any

import pytest
from alembic.util import CommandError
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from qlmodels import paths
from qlmodels.connection import connect
from qlmodels.ddl import (
    Function,
    Grant,
    Membership,
    Policy,
    Role,
    RowSecurity,
    Schema,
    declare,
)
from qlmodels.ddl import metadata as fleet
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = pytest.mark.one_major


def sql(database: Database, query: str) -> list[Any]:
    async def run() -> list[Any]:
        async with connect(database.owner) as connection:
            return [row[0] for row in await connection.fetch(query)]

    return asyncio.run(run())


def superuser(database: Database, query: str) -> list[Any]:
    async def run() -> list[Any]:
        async with connect(database.superuser) as connection:
            return [row[0] for row in await connection.fetch(query)]

    return asyncio.run(run())


def tools(*columns: Column[Any], **options: Any) -> MetaData:
    metadata = MetaData()
    name = options.pop("name", "tools")
    parts = options.pop("parts", ())
    Table(name, metadata, Column("tool_id", Integer, primary_key=True), *columns, *parts, **options)
    return metadata


def test_a_table_with_a_policy_of_its_own(project: Project, empty_database: Database) -> None:
    metadata = tools(Column("owner", Text, nullable=False, comment='it\'s: "mine"'))
    declare(
        metadata,
        Role("tool_reader"),
        RowSecurity("tools"),
        Policy("own", "tools", ("tool_reader",), "select", using="owner = current_setting('a:b')"),
        Grant(("select",), "tools", ("tool_reader",)),
    )
    written = project.migrate(metadata)
    assert "# +1 role, +1 table" in written
    assert "create policy own on public.tools\n            for select to tool_reader" in written
    project.downgrade(metadata, "base")
    assert sql(empty_database, "select nspname from pg_namespace where oid > 16384") == []


def test_what_changes_is_told_in_words(project: Project, empty_database: Database) -> None:
    metadata = tools(Column("owner", Text))
    declare(metadata, RowSecurity("tools"), Policy("own", "tools", ("public",), using="true"))
    project.migrate(metadata)
    sql(empty_database, "alter policy own on tools using (tool_id > 1)")
    told = project.differences(metadata)
    assert told == [
        "policy own on tools: USING is (tool_id > 1) in the database, true in the models"
    ]


def test_a_membership_that_was_lost_comes_back(project: Project, empty_database: Database) -> None:
    metadata = tools()
    body = "create function kept() returns integer language sql as 'select 1'"
    declare(
        metadata,
        Role("tool_keeper"),
        Role("tool_minder"),
        Membership("tool_keeper"),
        Membership("tool_keeper", "tool_minder"),
        Grant(("create",), "public", ("tool_keeper",), kind="schema"),
        Function("kept", body, owner="tool_keeper"),
    )
    assert "+2 memberships, +2 roles" in project.migrate(metadata)
    sql(empty_database, "revoke tool_keeper from current_user")
    project.migrate(metadata)
    project.downgrade(metadata)
    assert sql(empty_database, "select pg_has_role('tool_keeper', 'usage')") == [False]


def test_renamed_things_keep_their_rows(project: Project, empty_database: Database) -> None:
    first = tools(
        Column("price", Integer),
        parts=(UniqueConstraint("price", name="uq_price"), Index("ix_price", "price")),
    )
    project.migrate(first)
    sql(empty_database, "insert into tools values (1, 42)")
    second = tools(
        Column("cost", Integer, info={"renamed_from": "price"}),
        name="instruments",
        info={"renamed_from": "tools"},
        parts=(
            UniqueConstraint("cost", name="uq_cost", info={"renamed_from": "uq_price"}),
            Index("ix_cost", "cost", info={"renamed_from": "ix_price"}),
        ),
    )
    key = second.tables["instruments"].primary_key
    key.name, key.info["renamed_from"] = "instruments_pkey", "tools_pkey"
    written = project.migrate(second)
    assert "drop" not in written
    assert sql(empty_database, "select cost from instruments") == [42]
    project.downgrade(second)
    assert sql(empty_database, "select price from tools") == [42]
    assert sql(empty_database, "select to_regclass('ix_price')::text") == ["ix_price"]


def test_a_drop_beside_an_add_may_be_a_rename(project: Project, empty_database: Database) -> None:
    project.migrate(tools(Column("price", Integer)))
    changed = tools(Column("cost", Integer))
    assert len(project.differences(changed)) == 2
    with pytest.raises(CommandError, match=r'info=\{"renamed_from": "price"\}'):
        project.revise(changed)
    assert len(project.revisions()) == 1
    project.migrate(changed, "renamed=no", "lose=yes")


def test_rows_take_the_models_default(project: Project, empty_database: Database) -> None:
    project.migrate(tools())
    sql(empty_database, "insert into tools values (1)")
    with pytest.raises(CommandError, match=r"column public\.tools\.kind becomes NOT NULL"):
        project.revise(tools(Column("kind", Text, nullable=False)))
    defaulted = tools(Column("kind", Text, nullable=False, default="it's a saw"))
    project.migrate(defaulted)
    assert sql(empty_database, "select kind from tools") == ["it's a saw"]
    project.downgrade(defaulted)
    assert sql(empty_database, "select count(*) from tools") == [1]


def test_row_security_stays_forced_through_what_must_see_every_row(
    project: Project, empty_database: Database
) -> None:
    """A backfill, a guard and a foreign key, on tables whose owner sees no row."""

    def models(*columns: Column[Any]) -> MetaData:
        metadata = tools(*columns)
        Table("shops", metadata, Column("shop_id", Integer, primary_key=True))
        for table in ("tools", "shops"):
            declare(metadata, RowSecurity(table))
        return metadata

    def require_forced() -> None:
        forced = "select relforcerowsecurity from pg_class where relname in ('tools', 'shops')"
        assert sql(empty_database, forced) == [True, True]

    project.migrate(models(Column("shop_id", Integer), Column("note", Text)))
    superuser(empty_database, "insert into shops values (1)")
    superuser(empty_database, "insert into tools values (1, 1, 'keep me'), (2, 1, null)")
    assert sql(empty_database, "select count(*) from tools") == [0]

    kind: dict[str, Any] = {"nullable": False, "default": "saw"}
    filled = models(Column("shop_id", Integer), Column("note", Text), Column("kind", Text, **kind))
    project.migrate(filled)
    assert superuser(empty_database, "select distinct kind from tools") == ["saw"]
    require_forced()

    shop = ForeignKey("shops.shop_id")
    project.migrate(
        models(Column("shop_id", Integer, shop), Column("note", Text), Column("kind", Text, **kind))
    )
    require_forced()

    shop = ForeignKey("shops.shop_id")
    bare = models(Column("shop_id", Integer, shop), Column("kind", Text, **kind))
    project.revise(bare)
    with pytest.raises(Exception, match=r"public\.tools\.note holds data"):
        project.upgrade(bare)
    require_forced()
    project.upgrade(bare, "lose=public.tools.note")
    require_forced()
    project.downgrade(bare, "-2")
    require_forced()


def test_data_is_lost_only_when_told_so(project: Project, empty_database: Database) -> None:
    project.migrate(tools(Column("note", Text)))
    sql(empty_database, "insert into tools values (1, 'keep me')")
    bare = tools()
    project.revise(bare)
    with pytest.raises(Exception, match=r"public\.tools\.note holds data"):
        project.upgrade(bare)
    assert sql(empty_database, "select note from tools") == ["keep me"]
    project.upgrade(bare, "lose=public.tools.note")
    assert project.differences(bare) == []


def test_a_column_in_the_middle_is_added(project: Project, empty_database: Database) -> None:
    project.migrate(tools(Column("a", Text), Column("c", Text)))
    wider = tools(Column("a", Text), Column("b", Text), Column("c", Text))
    declare(wider, Grant(("select",), "tools", ("public",), columns=("a", "b", "c")))
    assert 'op.execute("alter table public.tools add column b text")' in project.migrate(wider)
    other = tools(Column("c", Text), Column("b", Text), Column("a", Text))
    declare(other, Grant(("select",), "tools", ("public",), columns=("c", "b", "a")))
    assert project.differences(other) == []
    project.downgrade(wider)


def test_an_order_that_is_asked_for_brings_the_rows(
    project: Project, empty_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """In several schemas at once: what makes way has a name of its own there, too."""
    schemas = ("public", "sch.ema", "s" * 60)

    def models(*columns: str) -> MetaData:
        metadata = MetaData()
        for each in schemas:
            declare(metadata, Schema(each))
            listed = [Column(name, Text) for name in columns]
            Table("tools", metadata, Column("id", Integer, primary_key=True), *listed, schema=each)
        return metadata

    project.column_order = True
    project.migrate(models("a", "c"))
    names = [f'"{each}".tools' for each in schemas]
    for name in names:
        sql(empty_database, f"insert into {name} (a, c) values ('x', 'z')")
    caplog.clear()
    wider = models("a", "b", "c")
    told = " ".join(project.differences(wider))
    assert "so that the table would be made again" in told
    assert "public.tools is to be made again" in caplog.text
    assert "the table is made again and its rows are copied" in project.migrate(wider)
    for name in names:
        row = f"select to_jsonb(t)::text from {name} t"
        assert sql(empty_database, row) == ['{"a": "x", "b": null, "c": "z", "id": 1}']
    project.downgrade(wider)
    for name in names:
        sql(empty_database, f"insert into {name} (a, c) values ('y', 'z')")
        assert sql(empty_database, f"select id from {name} where a = 'y'") == [2]


def test_what_nobody_declared_is_listed_and_left_alone(
    project: Project, empty_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    metadata = tools()
    project.migrate(metadata)
    sql(empty_database, "create table junk (a int)")
    with caplog.at_level("INFO", "alembic.qlmodels"):
        assert project.differences(metadata) == []
    assert "Not declared here and left alone: table junk." in caplog.messages
    caplog.clear()
    assert project.differences(metadata, "undeclared=ignore") == []
    assert caplog.messages == []
    assert "junk" not in project.revise(metadata)
    project.upgrade(metadata)


def test_what_nobody_declared_is_an_error_or_dropped_on_request(
    project: Project, empty_database: Database
) -> None:
    metadata = tools()
    project.migrate(metadata)
    sql(empty_database, "create table junk (a int)")
    (told,) = project.differences(metadata, "undeclared=error")
    assert told.startswith("table junk is in the database and not declared")
    project.settings["undeclared"] = "error"
    assert project.differences(metadata) == [told]
    assert project.differences(metadata, "undeclared=list") == []
    with pytest.raises(CommandError, match="undeclared='keep' is not a choice"):
        project.differences(metadata, "undeclared=keep")
    project.migrate(metadata, "undeclared=drop")
    assert sql(empty_database, "select to_regclass('junk') is null") == [True]
    project.downgrade(metadata)
    assert sql(empty_database, "select to_regclass('junk') is null") == [False]


def test_indexes_can_be_built_beside_writers(project: Project, empty_database: Database) -> None:
    project.migrate(tools(Column("a", Text)))
    indexed = tools(Column("a", Text), parts=(Index("ix_a", "a"),))
    written = project.migrate(indexed, "concurrently=yes")
    assert "with op.get_context().autocommit_block():" in written
    assert "INDEX CONCURRENTLY ix_a" in written
    more = tools(
        Column("a", Text),
        parts=(Index("ix_a", "a"), Index("ix_b", "a", "tool_id", postgresql_concurrently=True)),
    )
    assert "CONCURRENTLY" not in project.revise(more, "concurrently=no")
    project.upgrade(more)
    project.downgrade(more)
    for path in project.revisions():
        if "ix_b" in path.read_text():
            path.unlink()
    assert "INDEX CONCURRENTLY ix_b" in project.migrate(more)


def test_scripts_can_be_written_without_a_database(project: Project) -> None:
    metadata = tools(Column("a", Text, server_default=text("'{\"x\":1}'")))
    project.revise(metadata)
    from alembic import command

    command.upgrade(project.config(metadata), "head", sql=True)
    assert "default" in project.said.getvalue(), project.said.getvalue()


def test_the_last_revision_is_as_it_is_generated(project: Project) -> None:
    """All of it but the rows that it brings."""
    project.version_schema = "qlmodels_private"
    *former, last = sorted(
        paths.migrations().glob("versions/*.py"), key=lambda revision: revision.stem[-4:]
    )
    for revision in former:
        copy(revision, project.folder / "versions")
    project.upgrade(fleet)
    generated = project.revise(fleet, "prove=no")
    rows = re.compile(r"\n\n    # data: .*?(?=\n\n    op\.|\n\n\ndef |\Z)", re.DOTALL)
    head = "def upgrade"
    assert generated.partition(head)[2] == rows.sub("", last.read_text("utf-8")).partition(head)[2]
