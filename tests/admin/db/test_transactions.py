"""What every transaction of the panel is limited to."""

from typing import Any

import pytest
from qlmodels_admin.db import write_transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.connection import read_transaction

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

NAMES = (
    "transaction_read_only",
    "statement_timeout",
    "lock_timeout",
    "app.panel_user",
    "app.panel_note",
    "plan_cache_mode",
)


async def settings(connection: AsyncConnection) -> list[str]:
    return [
        str(await connection.scalar(text("select current_setting(:name, true)"), {"name": name}))
        for name in NAMES
    ]


async def test_reading_and_writing(panel: Any) -> None:
    engine = panel.app.state.engine
    async with read_transaction(engine) as connection:
        assert (await settings(connection))[:3] == ["on", "10s", "0"]
        assert (await settings(connection))[-1] == "force_custom_plan"
    async with read_transaction(engine, statement_timeout="0") as connection:
        assert (await settings(connection))[:2] == ["on", "0"]
    async with write_transaction(engine, "ada", "why") as connection:
        assert (await settings(connection))[:5] == ["off", "10s", "5s", "ada", "why"]
    async with engine.connect() as connection:  # of which nothing is left
        assert (await settings(connection))[:3] == ["off", "0", "0"]
        assert (await settings(connection))[3:5] in (["", ""], ["None", "None"])
