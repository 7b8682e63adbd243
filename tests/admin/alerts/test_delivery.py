"""Messages are sent until they are accepted, to the address that was checked, and no further."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from qlmodels_admin.alerts import add_target, new_signing_secret
from qlmodels_admin.alerts.addresses import parse_networks
from qlmodels_admin.alerts.delivery import AttemptFailed, deliver, pause_after, send
from qlmodels_admin.alerts.messages import Message
from qlmodels_admin.values import dump_json
from sqlalchemy.ext.asyncio import AsyncEngine
from standardwebhooks.webhooks import Webhook

from qlmodels.connection import connect, create_engine
from tests.admin.alerts.receiver import Receiver, receiving
from tests.conftest import Database

pytestmark = pytest.mark.one_major

HERE = parse_networks("127.0.0.0/8")
CHANGE = {
    "agent_type": "test-generator",
    "change": "needs attention",
    "verdicts": ["failing"],
    "reasons": ["<3 of 50> succeeded & more"],
}
DUE = "update qlmodels_admin.alert_messages set next_attempt_at = now()"


def message(receiver: Receiver, kind: str = "webhook") -> Message:
    secret = new_signing_secret() if kind == "webhook" else None
    return Message(uuid4(), kind, receiver.url, secret, [CHANGE], datetime.now(UTC), 1)


@pytest_asyncio.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("qlpanel_test"), json_serializer=dump_json)
    yield engine
    await engine.dispose()


async def test_a_webhook_is_signed() -> None:
    async with receiving() as receiver:
        sent = message(receiver)
        await send(sent, HERE)
    ((path, headers, body),) = receiver.got
    assert path == "/hook"
    assert sent.signing_secret is not None
    assert Webhook(sent.signing_secret).verify(body, headers) == json.loads(body)
    assert headers["webhook-id"] == str(sent.message_id)
    assert json.loads(body)["data"] == {"changes": [CHANGE]}


async def test_slack_gets_one_text() -> None:
    async with receiving() as receiver:
        await send(message(receiver, "slack"), HERE)
    ((_, headers, body),) = receiver.got
    assert json.loads(body) == {
        "text": "test-generator: needs attention. &lt;3 of 50&gt; succeeded &amp; more"
    }
    assert "webhook-signature" not in headers


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
async def test_no_other_answer_is_an_acceptance(status: int) -> None:
    async with receiving(status) as receiver:
        with pytest.raises(AttemptFailed, match=f"status {status}") as failure:
            await send(message(receiver), HERE)
    assert [path for path, *_ in receiver.got] == ["/hook"]
    assert "hush" not in str(failure.value)


async def test_this_machine_is_refused_unless_allowed() -> None:
    async with receiving() as receiver:
        with pytest.raises(AttemptFailed, match=r"127\.0\.0\.1, which is not public") as failure:
            await send(message(receiver), [])
    assert not receiver.got
    assert "hush" not in str(failure.value)


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with receiving() as receiver:
        await send(message(receiver), HERE)
    assert receiver.got


async def test_a_target_that_is_not_there() -> None:
    async with receiving() as receiver:
        pass
    with pytest.raises(AttemptFailed, match="The connection failed") as failure:
        await send(message(receiver), HERE)
    assert "hush" not in str(failure.value)


async def queued(engine: AsyncEngine, database: Database, receiver: Receiver) -> None:
    fields = {
        "name": "ops",
        "format": "webhook",
        "url": receiver.url,
        "signing_secret": new_signing_secret(),
    }
    await add_target(engine, "ada", fields, HERE)
    async with connect(database.owner) as owner:
        await owner.execute(
            "insert into qlmodels_admin.alert_messages (target, changes) values ('ops', $1)",
            json.dumps([CHANGE]),
        )


async def test_a_message_is_tried_again_with_one_identifier(
    engine: AsyncEngine, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving(500, 503) as receiver, connect(database.owner) as owner:
        await queued(engine, database, receiver)
        for status in (500, 503, 204):
            await owner.execute(DUE)
            await deliver(engine, HERE)
            row: Any = await owner.fetchrow("table qlmodels_admin.alert_messages")
            assert row["last_error"] == (
                None if status == 204 else f"It answered with status {status}."
            )
            await deliver(engine, HERE)  # before it is due
    identifiers = {headers["webhook-id"] for _, headers, _ in receiver.got}
    bodies = {body for *_, body in receiver.got}
    assert len(receiver.got) == 3
    assert (len(identifiers), len(bodies)) == (1, 1)
    assert (row["attempts"], row["next_attempt_at"]) == (3, None)
    assert row["sent_at"] is not None
    assert "hush" not in caplog.text
    assert "whsec" not in caplog.text


async def test_a_message_fails_after_a_day(engine: AsyncEngine, database: Database) -> None:
    async with receiving(*[500] * 9) as receiver, connect(database.owner) as owner:
        await queued(engine, database, receiver)
        await owner.execute(
            "update qlmodels_admin.alert_messages"
            " set created_at = now() - interval '23 hours 30 minutes', attempts = 30"
        )
        await deliver(engine, HERE)
        row: Any = await owner.fetchrow("table qlmodels_admin.alert_messages")
        assert (row["next_attempt_at"], row["sent_at"]) == (None, None)
        await deliver(engine, HERE)
    assert len(receiver.got) == 1


def test_pauses_grow_to_an_hour() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, 60)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=5), timedelta(hours=1))
    assert sum(pauses[:34], timedelta()) > timedelta(hours=24)
