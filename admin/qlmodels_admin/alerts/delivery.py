"""Sends queued messages until the target accepts them, with pauses that grow, for 24 hours.

A message is noted as sent after its target has accepted it. A process that ends in between has it
sent again, with the same identifier.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import httpcore
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qlmodels_admin.alerts.addresses import AddressRefused, Network, resolve
from qlmodels_admin.alerts.messages import Message
from qlmodels_admin.db import statements_of
from qlmodels_admin.jobs import Job

query = statements_of(__package__)

DELIVERY_INTERVAL: Final = timedelta(seconds=5)
ATTEMPT_TIMEOUT_S: Final = 15.0
CLAIM: Final = timedelta(seconds=30)
"""After which another process may send a message that this one has taken and not noted."""

FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVES_UP_AFTER: Final = timedelta(hours=24)
MAX_AT_ONCE: Final = 20

_FORGET: Final = text(
    "delete from qlmodels_admin.alert_messages"
    " where next_attempt_at is null and created_at < now() - interval '30 days'"
)

log = logging.getLogger(__name__)


class AttemptFailed(Exception):
    """The target did not accept a message; says why without its URL."""


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks what it found, and connects there."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._backend = cast(httpcore.AsyncNetworkBackend, httpcore.AnyIOBackend())

    async def connect_tcp(
        self, host: str, port: int, *arguments: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        address = await resolve(host, port, self._allowed)
        return await self._backend.connect_tcp(address, port, *arguments, **options)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def delivering(engine: AsyncEngine, allowed: Sequence[Network]) -> Job:
    """Return the job that delivers, to public addresses and to the networks `allowed`."""
    return Job("alerts: deliver", DELIVERY_INTERVAL, partial(deliver, engine, allowed))


async def deliver(engine: AsyncEngine, allowed: Sequence[Network]) -> None:
    """Try each message that is due once."""
    async with engine.begin() as connection:
        values = {"claim": CLAIM, "most": MAX_AT_ONCE}
        rows = await connection.execute(query("claim"), values)
        due = [Message(**row) for row in rows.mappings()]
        await connection.execute(_FORGET)
    async with asyncio.TaskGroup() as group:
        for message in due:
            group.create_task(_try(engine, message, allowed))


async def _try(engine: AsyncEngine, message: Message, allowed: Sequence[Network]) -> None:
    try:
        await send(message, allowed)
    except AttemptFailed as failure:
        values: dict[str, Any] = {
            "message_id": message.message_id,
            "error": str(failure),
            "pause": pause_after(message.attempts),
            "most": GIVES_UP_AFTER,
        }
        statement = "failed"
        log.warning("An alert was not accepted, attempt %d: %s", message.attempts, failure)
    else:
        values, statement = {"message_id": message.message_id}, "sent"
    async with engine.begin() as connection:
        await connection.execute(query(statement), values)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: twice as long each time, up to an hour."""
    doublings = min(max(attempts - 1, 0), 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


async def send(message: Message, allowed: Sequence[Network]) -> None:
    """Send a message once; no redirect is followed, no proxy is used. Raises AttemptFailed."""
    headers = [*message.headers(datetime.now(UTC)).items()]
    try:
        async with (
            asyncio.timeout(ATTEMPT_TIMEOUT_S),
            httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=_CheckedBackend(allowed)
            ) as pool,
            pool.stream("POST", message.url, headers=headers, content=message.body()) as answer,
        ):
            status = answer.status
    except TimeoutError:
        raise AttemptFailed(f"It did not answer within {ATTEMPT_TIMEOUT_S:.0f} s.") from None
    except AddressRefused as error:
        raise AttemptFailed(str(error)) from None
    except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        reason = str(error) or type(error).__name__
        raise AttemptFailed(f"The connection failed: {reason}") from None
    if not 200 <= status < 300:  # a redirect is no acceptance either
        raise AttemptFailed(f"It answered with status {status}.")
