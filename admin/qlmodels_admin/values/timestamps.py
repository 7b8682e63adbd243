"""Moments as Postgres has them: infinity, and years that Python's datetime cannot tell.

asyncpg gives infinity without a time zone, so that it fits no comparison, and raises an error
for a year after 9999, so that one such row would keep a whole list from being read.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""From which Postgres counts microseconds."""

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)

NAMES: Final = {FIRST: "-infinity", LAST: "infinity"}
MICROSECONDS: Final = {FIRST: -(2**63), LAST: 2**63 - 1}


def read_all_moments(engine: AsyncEngine) -> None:
    """Let connections of `engine` read what no datetime can tell as FIRST or LAST."""

    async def set_codec(connection: object) -> None:
        await connection.set_type_codec(  # type: ignore[attr-defined]  # asyncpg's
            "timestamptz", schema="pg_catalog", encoder=_encode, decoder=_decode, format="tuple"
        )

    event.listen(
        engine.sync_engine, "connect", lambda connection, _: connection.run_async(set_codec)
    )


def exact_moment(value: datetime) -> str:
    """Write a moment in UTC and to the microsecond, or by its name."""
    return NAMES.get(value) or value.astimezone(UTC).isoformat(sep=" ")


def read_moment(text: str) -> datetime:
    """Read what `exact_moment` wrote, or any ISO time, by default in UTC. Raises ValueError."""
    for moment, name in NAMES.items():
        if text == name:
            return moment
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _decode(row: tuple[int]) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=row[0])
    except OverflowError:
        return LAST if row[0] > 0 else FIRST


def _encode(value: datetime) -> tuple[int]:
    microseconds = MICROSECONDS.get(value)
    if microseconds is None:
        microseconds = (value.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    return (microseconds,)
