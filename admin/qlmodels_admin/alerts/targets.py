"""Where alerts go: set by admins; URLs and secrets are never shown again."""

import base64
import binascii
import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qlmodels_admin.alerts.addresses import Network, is_allowed
from qlmodels_admin.alerts.messages import SECRET_PREFIX
from qlmodels_admin.db import statements_of, write_transaction
from qlmodels_admin.values import dump_json

query = statements_of(__package__)

FORMATS: Final = {"webhook": "plain JSON, signed", "slack": "Slack"}

MAX_NAME: Final = 100
MAX_URL: Final = 2000
SECRET_BYTES: Final = range(24, 65)
"""Of a signing secret, as Standard Webhooks has it."""

MAX_MESSAGES: Final = 50

_TEST: Final = [
    {"agent_type": "test", "change": "test", "verdicts": [], "reasons": ["This is a test."]}
]
_INSERT: Final = text(
    "insert into qlmodels_admin.alert_targets (name, format, url, signing_secret, created_by)"
    " values (:name, :format, :url, :signing_secret, :user)"
)
_DELETE: Final = text("delete from qlmodels_admin.alert_targets where name = :name")


class TargetRefused(Exception):
    """A target cannot be as it was given; says why, and what to give."""


@dataclass(frozen=True, slots=True)
class AlertTarget:
    """What the page shows of a target."""

    name: str
    format: str
    place: str
    """Scheme and host; the rest of the URL is secret."""

    created_by: str


def new_signing_secret() -> str:
    """Return a random secret in the form of Standard Webhooks."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


async def add_target(
    engine: AsyncEngine, user: str, fields: Mapping[str, str], allowed: Sequence[Network]
) -> None:
    """Add a target of `name`, `format`, `url` and, for a webhook, `signing_secret`.

    Raises TargetRefused.
    """
    name, kind, url = (fields.get(key, "").strip() for key in ("name", "format", "url"))
    secret = fields.get("signing_secret", "").strip() if kind == "webhook" else None
    if not 0 < len(name) <= MAX_NAME:
        raise TargetRefused(f"Give a name of 1 to {MAX_NAME} characters.")
    if kind not in FORMATS:
        raise TargetRefused(f"The format {kind!r} is unknown. Choose one of {', '.join(FORMATS)}.")
    _check_url(url, allowed)
    if secret is not None:
        _check_secret(secret)
    values = {"name": name, "format": kind, "url": url, "signing_secret": secret, "user": user}
    try:
        async with write_transaction(engine, user) as connection:
            await connection.execute(_INSERT, values)
    except IntegrityError:
        raise TargetRefused(f"There is a target {name!r} already. Give another name.") from None


async def remove_target(engine: AsyncEngine, user: str, name: str) -> None:
    """Remove a target with its messages, sent or not."""
    async with write_transaction(engine, user) as connection:
        await connection.execute(_DELETE, {"name": name})


async def send_test(engine: AsyncEngine, user: str, name: str) -> None:
    """Queue a message that tests a target."""
    async with write_transaction(engine, user) as connection:
        values = {"target": name, "changes": dump_json(_TEST)}
        await connection.execute(query("queue"), values)


async def read_targets(connection: AsyncConnection) -> list[AlertTarget]:
    """Return all targets, by name."""
    rows = await connection.execute(
        text("select name, format, url, created_by from qlmodels_admin.alert_targets order by name")
    )
    return [AlertTarget(row.name, row.format, _place(row.url), row.created_by) for row in rows]


async def recent_messages(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Return the newest messages to all targets."""
    rows = await connection.execute(query("recent_messages"), {"most": MAX_MESSAGES})
    return rows.mappings().all()


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…"


def _check_url(url: str, allowed: Sequence[Network]) -> None:
    parts = _split(url)
    if parts is None:
        raise TargetRefused("The URL cannot be used. Give one such as https://example.com/hook.")
    if parts.username is not None or parts.password is not None:
        raise TargetRefused("The URL holds a user. Give one without a user and password.")
    if parts.scheme == "https":
        return
    with suppress(ValueError):
        if parts.scheme == "http" and is_allowed(
            ipaddress.ip_address(parts.hostname or ""), allowed
        ):
            return
    raise TargetRefused(
        f"The URL begins with {parts.scheme or 'no scheme'}. Give one that begins with https://; "
        "http:// is for addresses in QLMODELS_ALERT_NETWORKS."
    )


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL that names a host; None for any other text."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if parts.hostname and has_port else None


def _check_secret(secret: str) -> None:
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        size = len(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        size = 0
    if not secret.startswith(SECRET_PREFIX) or size not in SECRET_BYTES:
        raise TargetRefused(
            f"The signing secret is not {SECRET_PREFIX} and the Base64 of {SECRET_BYTES.start} to "
            f"{SECRET_BYTES.stop - 1} bytes. Take the one that the form proposes."
        )
