"""Moments as Postgres has them: infinity, years before Christ, and years after 9999.

asyncpg gives infinity without a time zone, so that it fits no comparison, and raises an error
for what no datetime can hold, so that one such row would keep a whole list from being read.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""From which Postgres counts microseconds."""

FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)

INFINITIES: Final = {"-infinity": -(2**63), "infinity": 2**63 - 1}
"""As microseconds since EPOCH."""

CYCLE_DAYS: Final = 146_097
"""In 400 years, after which the calendar repeats."""

DAY_MICROSECONDS: Final = 86_400_000_000

_FAR: Final = re.compile(r"(\d{4,6})-(\d\d-\d\d)( [\d:.]+\+00:00)(?: (BC))?")


class FarMoment(datetime):
    """A moment that no datetime can hold; to comparisons it is the first or the last one."""

    microseconds: int
    """Since EPOCH."""

    def __new__(cls, microseconds: int) -> "FarMoment":
        end = LAST if microseconds > 0 else FIRST
        moment = super().__new__(
            cls,
            end.year,
            end.month,
            end.day,
            end.hour,
            end.minute,
            end.second,
            end.microsecond,
            UTC,
        )
        moment.microseconds = microseconds
        return moment

    @property
    def text(self) -> str:
        """In UTC, as Postgres reads it."""
        for name, microseconds in INFINITIES.items():
            if self.microseconds == microseconds:
                return name
        cycles, rest = divmod(self.microseconds, CYCLE_DAYS * DAY_MICROSECONDS)
        within = EPOCH + timedelta(microseconds=rest)
        year = within.year + 400 * cycles
        era = " BC" if year < 1 else ""
        return f"{1 - year if era else year:04}{within.isoformat(sep=' ')[4:]}{era}"


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
    if isinstance(value, FarMoment):
        return value.text
    return value.astimezone(UTC).isoformat(sep=" ")


def read_moment(text: str) -> datetime:
    """Read what `exact_moment` wrote, or any ISO time, by default in UTC. Raises ValueError."""
    if text in INFINITIES:
        return FarMoment(INFINITIES[text])
    if far := _FAR.fullmatch(text):
        year, day, time, era = far.groups()
        count = 1 - int(year) if era else int(year)
        if not 1 <= count <= LAST.year:
            cycles, rest = divmod(count - 2000, 400)
            within = datetime.fromisoformat(f"{2000 + rest}-{day}{time}") - EPOCH
            days = CYCLE_DAYS * cycles + within.days
            return FarMoment(days * DAY_MICROSECONDS + within.seconds * 10**6 + within.microseconds)
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _decode(row: tuple[int]) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=row[0])
    except OverflowError:
        return FarMoment(row[0])


def _encode(value: datetime) -> tuple[int]:
    if isinstance(value, FarMoment):
        return (value.microseconds,)
    return ((value.astimezone(UTC) - EPOCH) // timedelta(microseconds=1),)
