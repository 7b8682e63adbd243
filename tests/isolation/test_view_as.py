"""The panel's view as an agent shows the rows that the agent's own login sees, and no others."""

import pytest
from sqlalchemy import text

from qlmodels import acting_as
from qlmodels.connection import connect, create_engine
from tests.conftest import Cluster
from tests.isolation.attacks.attack import TABLES
from tests.isolation.conftest import populated

RELATIONS = (*TABLES, "agent_performance_summary", "pattern_effectiveness")


@pytest.mark.parametrize("agent_type", ["test-generator", "security-scanner"])
async def test_the_same_rows_table_by_table(cluster: Cluster, agent_type: str) -> None:
    async with populated(cluster) as database:
        engine = create_engine(database.url("qlpanel_test"))
        async with (
            connect(database.url(f"ql_{agent_type}")) as agent,
            acting_as(engine, agent_type) as session,
        ):
            panel = await session.connection()
            for relation in RELATIONS:
                everything = f"select row_to_json(r)::text from {relation} as r order by 1"
                own = [row[0] for row in await agent.fetch(everything)]
                seen = (await panel.execute(text(everything))).scalars().all()
                assert seen == own
                assert own
        async with engine.connect() as connection:
            counted = await connection.scalar(text("select count(*) from agent_types"))
            assert counted == 18, "afterwards the panel sees every row again"
        await engine.dispose()


async def test_the_view_writes_as_the_agent_alone(cluster: Cluster) -> None:
    async with populated(cluster) as database:
        engine = create_engine(database.url("qlpanel_test"))
        async with acting_as(engine, "test-generator") as session:
            panel = await session.connection()
            changed = await panel.execute(
                text("update sessions set task_count = 1 where agent_type = 'security-scanner'")
            )
            assert changed.rowcount == 0
        await engine.dispose()
