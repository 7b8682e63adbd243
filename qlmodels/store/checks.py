"""Numbers and names checked before anything is sent, so that nothing is half written."""

import math

from qlmodels.store.errors import InvalidValue


def finite(value: float, what: str) -> float:
    """Raises InvalidValue for NaN, infinity and what is no number."""
    try:
        number = float(value)
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


def positive(value: float, what: str) -> float:
    if finite(value, what) <= 0:
        raise InvalidValue(f"The {what} is {value}, and it must be above 0.")
    return float(value)


def text(value: str | None, longest: int, what: str) -> str | None:
    """Raises InvalidValue for text that is empty, too long, or not storable; None stays None."""
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\x00" in value:
        raise InvalidValue(
            f"The {what} is {str(value)[:60]!r}: give 1 to {longest} characters, no NUL."
        )
    return value


def at_least(value: int, bound: int, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not bound <= value < 2**31:
        raise InvalidValue(f"The {what} is {value!r}: give a whole number of at least {bound}.")
    return value
