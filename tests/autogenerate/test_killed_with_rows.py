"""A later revision that rewrites rows, killed at any moment: all rows as before, or all after."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from tests.support.killing import Served, Victim, durable_server, kill_at_random

LATER = f"""
from alembic import op

revision = "later"
down_revision = "{migrate.head()}"


def upgrade():
    op.execute("alter table q_values add column origin text default gen_random_uuid()::text")
    op.execute("update q_values set metadata = jsonb_build_object('was', metadata)")
    op.execute("create index ix_q_values_origin on q_values (origin)")
    op.execute("alter table trajectories drop column seed")
"""

UPGRADE = """
import os

from alembic import command
from qlmodels import migrate, paths
from qlmodels.settings import Settings

alembic = migrate.config(Settings().owner_url())
places = [str(paths.migrations() / "versions"), os.getcwd() + "/later"]
alembic.set_main_option("version_locations", os.pathsep.join(places))
command.upgrade(alembic, "later")
"""

ROWS = """
create table theirs as select n, md5(n::text) as word from generate_series(1, 1000) as n;
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, metadata)
select 'test-generator', md5(n::text), '{}', 'a', '{}', jsonb_build_object('n', n)
  from generate_series(1, 5000) as n
"""

KEPT = """
select (select md5(string_agg(theirs::text, ' ' order by n)) from theirs) as theirs,
       md5(string_agg(q_value_id || state_hash || coalesce(metadata -> 'was', metadata)::text,
                      ' ' order by q_value_id)) as pairs,
       count(*) as many,
       count(*) filter (where metadata ? 'was') as rewritten,
       (select count(*) from pg_attribute where not attisdropped
           and (attrelid, attname) in (('q_values'::regclass, 'origin'),
                                       ('trajectories'::regclass, 'seed'))) as columns,
       to_regclass('ix_q_values_origin') is not null as indexed
  from q_values
"""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Its database is at this release's revision, with rows."""
    with durable_server() as (running, owner):
        migrate.upgrade(owner)
        asyncio.run(_fill(owner))
        yield running, owner


async def _fill(owner: URL) -> None:
    async with connect(owner) as connection:
        await connection.execute(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["client", "server"])
def test_fifty_times(served: Served, environment: dict[str, str], who: Victim) -> None:
    folder = Path(environment["HOME"])
    (folder / "later").mkdir()
    (folder / "later" / "later.py").write_text(LATER)
    (folder / "upgrade.py").write_text(UPGRADE)
    before = asyncio.run(_kept(served[1]))
    assert before == (*before[:2], 5000, 0, 1, False)

    async def is_done(url: URL) -> bool:
        now = await _kept(url)
        if await migrate.current(url) == "later":
            assert now == (*before[:2], 5000, 5000, 1, True)
            return True
        assert now == before
        return False

    kill_at_random(served, [sys.executable, "upgrade.py"], environment, who, 50, is_done)


async def _kept(url: URL) -> tuple[object, ...]:
    async with connect(url) as owner:
        [row] = await owner.fetch(KEPT)
        return tuple(row)
