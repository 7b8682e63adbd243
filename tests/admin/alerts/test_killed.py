"""A process that is killed between sending a message and noting it: another one sends it again."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest
from qlmodels_admin.alerts import new_signing_secret

from qlmodels.connection import connect
from tests.admin.alerts.receiver import receiving
from tests.conftest import Database
from tests.support.uvicorn import WAIT_S, serving

pytestmark = [pytest.mark.one_major, pytest.mark.long]

HOLDER = "select holder from qlmodels_admin.background_jobs where name = 'alerts: deliver'"
SENT = "select sent_at from qlmodels_admin.alert_messages, pg_sleep(0.1)"


async def test_the_message_has_the_same_identifier(database: Database) -> None:
    async with (
        asyncio.timeout(WAIT_S),
        receiving() as receiver,
        connect(database.owner) as owner,
    ):
        await owner.execute(
            "insert into qlmodels_admin.alert_targets (name, format, url, signing_secret,"
            " created_by) values ('ops', 'webhook', $1, $2, 'ada')",
            receiver.url,
            new_signing_secret(),
        )
        await owner.execute(
            "insert into qlmodels_admin.alert_messages (target, changes) values ('ops', $1)",
            json.dumps([{"agent_type": "a", "change": "recovered", "verdicts": [], "reasons": []}]),
        )
        receiver.may_answer.clear()
        workers = ("--workers", "3", "--factory", "qlmodels_admin:create_app")
        allowed = {"QLMODELS_ALERT_NETWORKS": "127.0.0.0/8"}
        async with serving(Path(__file__).parent, database, *workers, **allowed):
            await receiver.has_got.wait()
            holder = str(await owner.fetchval(HOLDER))
            os.kill(int(holder.split(":")[1]), signal.SIGKILL)
            receiver.may_answer.set()
            while await owner.fetchval(SENT) is None:
                pass
        identifiers = [headers["webhook-id"] for _, headers, _ in receiver.got]
        assert len(identifiers) > 1
        assert len({*identifiers}) == 1
