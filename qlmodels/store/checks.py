"""Values checked before anything is sent, so that nothing is half written."""

import math
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from qlmodels.storable_text import unstorable
from qlmodels.store.errors import InvalidValue

T = TypeVar("T", bound=str)


def finite(value: float, what: str) -> float:
    """Raises InvalidValue for NaN, infinity and what is no number."""
    try:
        number = float("no" if isinstance(value, (str, bytes)) else value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidValue(f"The {what} is {value!r}, which is no number: give a float.") from error
    if not math.isfinite(number):
        raise InvalidValue(
            f"The {what} is {number}, from which nothing can be learned: give a finite number."
        )
    return number


def rate(value: float | None, what: str) -> float | None:
    """Raises InvalidValue for what lies outside 0 to 1; None stays None."""
    if value is None:
        return None
    if not 0 <= finite(value, what) <= 1:
        raise InvalidValue(f"The {what} is {value}, and it must lie between 0 and 1.")
    return float(value)


def not_negative(value: float, what: str) -> float:
    if finite(value, what) < 0:
        raise InvalidValue(f"The {what} is {value}, and it must not be below 0.")
    return float(value)


def positive(value: float, what: str) -> float:
    if finite(value, what) <= 0:
        raise InvalidValue(f"The {what} is {value}, and it must be above 0.")
    return float(value)


def text(value: str | None, longest: int, what: str) -> str | None:
    """Raises InvalidValue for text that is empty, too long, or not storable; None stays None."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise InvalidValue(f"The {what} is {str(value)[:60]!r}. Give 1 to {longest} characters.")
    return storable(value, what)


def words(value: str | None, what: str) -> str | None:
    """Text of any length, which may be empty. Raises InvalidValue; None stays None."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidValue(f"The {what} is {str(value)[:60]!r}. Give text.")
    return storable(value, what)


def storable(value: str, what: str) -> str:
    """Raises InvalidValue for text that Postgres cannot store."""
    if reason := unstorable(value):
        raise InvalidValue(f"The {what} is {value[:60]!r}. {reason}")
    return value


def at_least(value: int, bound: int, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not bound <= value < 2**31:
        raise InvalidValue(f"The {what} is {value!r}: give a whole number of at least {bound}.")
    return value


def flag(value: bool, what: str) -> bool:
    """Raises InvalidValue for what is neither True nor False, such as a scalar of NumPy."""
    if value is True or value is False:
        return value
    raise InvalidValue(f"The {what} is {value!r}, and it must be True or False: use bool(...).")


def uuid(value: UUID | None, what: str) -> UUID | None:
    if value is None or isinstance(value, UUID):
        return value
    raise InvalidValue(f"The {what} is {str(value)[:60]!r}, which is no UUID: give a uuid.UUID.")


def one_of(value: T | None, choices: Sequence[str], what: str) -> T | None:
    if value is None or (isinstance(value, str) and value in choices):
        return value
    raise InvalidValue(f"The {what} is {value!r}: give one of {', '.join(choices)}.")
