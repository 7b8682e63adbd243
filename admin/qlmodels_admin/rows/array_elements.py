"""Values of columns as JSON that people can write, and back, each by its type."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Uuid,
)
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import AutoString

from qlmodels_admin.values import unstorable

NOT_FINITE: Final = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}
"""What JSON has no number for is written as text."""


@dataclass(frozen=True, slots=True)
class ArrayElement:
    """`example` is how one is written; `read` raises ValueError."""

    example: str
    show: Callable[[Any], Any]
    read: Callable[[Any], Any]


def element_of(kind: TypeEngine[Any]) -> ArrayElement | None:
    """None for a type that the panel cannot write."""
    match kind:
        case JSON():
            return ArrayElement('{"a": 1}', _same, _same)
        case Boolean():
            return ArrayElement("true", _same, _flag)
        case Integer():
            return ArrayElement("7", _same, lambda value: _whole(kind, value))
        case Float():
            return ArrayElement("0.5", _number_shown, _float)
        case Numeric():
            return ArrayElement("0.5", _number_shown, _decimal if kind.asdecimal else _float)
        case Uuid():
            return ArrayElement('"00000000-0000-4000-8000-000000000000"', str, _uuid(kind))
        case Date():
            return ArrayElement('"2030-01-31"', date.isoformat, _date)
        case DateTime(timezone=True):
            return ArrayElement('"2030-01-31 13:45:00+00:00"', _moment_shown, _moment)
        case DateTime():
            return ArrayElement('"2030-01-31 13:45:00"', _local_shown, _local_moment)
        case Enum():
            return None
        case String() | AutoString():
            return ArrayElement('"text"', _same, lambda value: _text(kind, value))
        case _:
            return None


def _same(value: Any) -> Any:
    return value


def _number_shown(value: Any) -> Any:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _moment_shown(value: datetime) -> str:
    try:
        return value.astimezone(UTC).isoformat(sep=" ")
    except OverflowError:  # the ends of time
        return value.isoformat(sep=" ")


def _local_shown(value: datetime) -> str:
    return value.isoformat(sep=" ")


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is not true or false")
    return value


def _whole(kind: Integer, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is not a whole number")
    bits = 63 if isinstance(kind, BigInteger) else 15 if isinstance(kind, SmallInteger) else 31
    if not -(2**bits) <= value < 2**bits:
        raise ValueError("is outside what the column takes")
    return value


def _float(value: Any) -> float:
    if isinstance(value, str) and value in NOT_FINITE:
        return float(NOT_FINITE[value])
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise ValueError("is outside what the column takes") from error
    if not math.isfinite(number):
        raise ValueError("is outside what the column takes")
    return number


def _decimal(value: Any) -> Decimal:
    if isinstance(value, str) and value in NOT_FINITE:
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("is not a number")
    return Decimal(value)


def _uuid(kind: Uuid[Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        try:
            identity = UUID(_string(value))
        except ValueError as error:
            raise ValueError("is not a UUID") from error
        return identity if kind.as_uuid else str(identity)

    return read


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(_string(value))
    except ValueError as error:
        raise ValueError("is not a date") from error


def _moment(value: Any) -> datetime:
    moment = _time_of(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _local_moment(value: Any) -> datetime:
    moment = _time_of(value)
    if moment.tzinfo:
        raise ValueError("has a time zone, and the column has none")
    return moment


def _time_of(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(_string(value))
    except ValueError as error:
        raise ValueError("is not a time") from error


def _text(kind: Any, value: Any) -> str:
    text = _string(value)
    if kind.length is not None and len(text) > kind.length:
        raise ValueError(f"has more than {kind.length} characters")
    return text


def _string(value: Any) -> str:
    if not isinstance(value, str) or unstorable(value):
        raise ValueError("is not a text that Postgres can hold")
    return value
