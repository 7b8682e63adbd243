"""Arguments checked before anything is sent, so that nothing is half written.

Each function returns the plain value that an argument stands for, or raises InvalidValue. What each
argument takes is a table in docs/reference.md.
"""

import math
import operator
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from numbers import Complex, Real
from typing import (
    Any,
    Concatenate,
    ParamSpec,
    SupportsFloat,
    SupportsIndex,
    TypeAlias,
    TypeVar,
    cast,
)
from uuid import UUID

from qlmodels.storable_text import unstorable
from qlmodels.store.errors import InvalidValue
from qlmodels.store.plain import described, shown, unwrapped

Number: TypeAlias = SupportsFloat | SupportsIndex
"""A number of any kind: also NumPy's, a Decimal, an enum member of such a value."""

Whole: TypeAlias = SupportsIndex
"""A whole number of any kind."""

T = TypeVar("T")
P = ParamSpec("P")

MAX_INTEGER = 2**31 - 1
MAX_BIGINT = 2**63 - 1


def optional(
    check: Callable[Concatenate[Any, P], T], value: Any, *rest: P.args, **named: P.kwargs
) -> T | None:
    """None, or what the check returns."""
    return None if value is None else check(value, *rest, **named)


# -- numbers -----------------------------------------------------------------------------------


def finite(value: Any, what: str) -> float:
    """A number that is neither NaN nor infinite; text is no number."""
    number = value if type(value) is float else _number(value, what)
    if not math.isfinite(number):
        raise InvalidValue(f"The {what} is {number}. Give a finite number.")
    return number


def rate(value: Any, what: str) -> float:
    """A number from 0 to 1."""
    number = finite(value, what)
    if not 0 <= number <= 1:
        raise InvalidValue(f"The {what} is {number}. Give a number between 0 and 1.")
    return number


def not_negative(value: Any, what: str) -> float:
    number = finite(value, what)
    if number < 0:
        raise InvalidValue(f"The {what} is {number}. Give a number of at least 0.")
    return number


def positive(value: Any, what: str) -> float:
    number = finite(value, what)
    if number <= 0:
        raise InvalidValue(f"The {what} is {number}. Give a number above 0.")
    return number


def at_least(value: Any, bound: int, what: str, most: int = MAX_INTEGER) -> int:
    """A whole number within these bounds; True and False are none."""
    number = value if type(value) is int else _whole(value)
    if number is None or not bound <= number <= most:
        raise InvalidValue(
            f"The {what} is {shown(value)}. Give a whole number from {bound:,} to {most:,}."
        )
    return number


def bigint(value: Any, what: str) -> int:
    return at_least(value, -MAX_BIGINT - 1, what, MAX_BIGINT)


def _number(value: Any, what: str) -> float:
    number = unwrapped(value)
    if _is_real(number):
        try:
            return float(number)
        except Exception as error:  # too large for a float, or a type's own reason
            raise InvalidValue(
                f"The {what} is {shown(value)}, which is no finite number ({described(error)}). "
                "Give a float."
            ) from error
    raise InvalidValue(f"The {what} is {shown(value)}, which is no number. Give a float.")


def _is_real(number: Any) -> bool:
    """Whether it becomes a float: of NumPy's complex numbers that would take a part away."""
    if isinstance(number, Complex) and not isinstance(number, Real):
        return False
    return hasattr(type(number), "__float__") or hasattr(type(number), "__index__")


def _whole(value: Any) -> int | None:
    number = unwrapped(value)
    if isinstance(number, bool):
        return None
    try:
        if hasattr(type(number), "__index__"):
            return int(operator.index(number))
        is_whole = _is_real(number) and abs(number) <= MAX_BIGINT + 1 and number == int(number)
        return int(number) if is_whole else None
    except Exception:  # NaN, and a type's own
        return None


# -- others ------------------------------------------------------------------------------------


def flag(value: Any, what: str) -> bool:
    """True or False, or NumPy's."""
    if value is True or value is False:
        return bool(value)
    truth = unwrapped(value)
    if isinstance(truth, bool):
        return truth
    raise InvalidValue(f"The {what} is {shown(value)}. Give True or False, as by bool(...).")


def text(value: Any, longest: int, what: str) -> str:
    """Text that is not empty, not too long, and storable."""
    found = words(value, what)
    if not 0 < len(found) <= longest:
        raise InvalidValue(
            f"The {what} is {shown(found)} and has {len(found)} characters. Give 1 to {longest}."
        )
    return found


def words(value: Any, what: str) -> str:
    """Text of any length, which may be empty."""
    found = unwrapped(value)
    if type(found) is not str:
        raise InvalidValue(f"The {what} is {shown(value)}, which is no text. Give a str.")
    if reason := unstorable(found):
        raise InvalidValue(f"The {what} is {shown(found)}. {reason} Remove them.")
    return found


def texts(value: Any, longest: int, most: int, what: str) -> list[str]:
    """Texts, each once, in the order in which they come."""
    found = [text(each, longest, f"text in {what}") for each in sequence(value, what)]
    if len(found) > most:
        raise InvalidValue(f"There are {len(found)} {what}. Give {most} at most.")
    return [*dict.fromkeys(found)]


def one_of(value: Any, choices: Sequence[str], what: str) -> Any:
    found = unwrapped(value)
    if type(found) is str and found in choices:
        return found
    raise InvalidValue(f"The {what} is {shown(value)}. Give one of {', '.join(choices)}.")


def uuid(value: Any, what: str) -> UUID:
    found = unwrapped(value)
    if isinstance(found, UUID):
        return found
    raise InvalidValue(f"The {what} is {shown(value)}, which is no UUID. Give a uuid.UUID.")


def moment(value: Any, what: str) -> datetime:
    """A time with a time zone, from year 1 to 9999 also in UTC."""
    if isinstance(value, datetime):
        try:
            if value.utcoffset() is not None and value.astimezone(UTC):
                return value
        except Exception as error:  # out of range, or a time zone's own
            raise InvalidValue(
                f"The {what} is {shown(value)}, which is no time in UTC ({described(error)}). Give "
                "a time of the years 1 to 9999."
            ) from error
    raise InvalidValue(
        f"The {what} is {shown(value)}. Give a time with a time zone, as datetime.now(UTC)."
    )


def sequence(value: Any, what: str) -> list[Any]:
    """The elements of a list, a tuple, an array or any other iterable but text and mappings."""
    found = unwrapped(value)
    if isinstance(found, str | bytes | bytearray | Mapping) or not isinstance(found, Iterable):
        raise InvalidValue(f"The {what} are {shown(value)}. Give a list.")
    return _read(lambda: list(found), value, what)


def mapping(value: Any, what: str) -> dict[Any, Any]:
    """What a dictionary or any other mapping holds."""
    if isinstance(value, Mapping):
        return _read(lambda: dict(value.items()), value, what)
    raise InvalidValue(f"The {what} are {shown(value)}. Give a dictionary.")


def _read(read: Callable[[], T], value: Any, what: str) -> T:
    """What a collection holds. Raises InvalidValue where its own methods fail."""
    try:
        return read()
    except Exception as error:
        raise InvalidValue(
            f"The {what} are {shown(value)}, which cannot be read ({described(error)}). Give a "
            "list or a dictionary."
        ) from error


def instance(value: Any, kind: type[T], what: str) -> T:
    if isinstance(value, kind):
        return value
    raise InvalidValue(f"The {what} is {shown(value)}. Give a qlmodels.store.{kind.__name__}.")


def instances(values: Any, kind: type[T], what: str) -> list[T]:
    """A list of which each is of this kind."""
    return [
        instance(value, kind, f"{what}[{at}]") for at, value in enumerate(sequence(values, what))
    ]


# -- what is called ----------------------------------------------------------------------------


def function(value: Any, what: str) -> Callable[[Any], Any]:
    if callable(value):
        return cast(Callable[[Any], Any], value)
    raise InvalidValue(f"The {what} is {shown(value)}. Give a function of one state.")


def generator(value: Any, what: str) -> random.Random:
    if isinstance(value, random.Random):
        return value
    raise InvalidValue(f"The {what} is {shown(value)}. Give random.Random(seed).")
