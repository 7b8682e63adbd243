"""Plain values in place of those that stand for them: NumPy's, enum members, Decimals.

Arrays and scalars are known by `dtype` and `tolist()`, as NumPy, PyTorch and JAX have them, so that
none of these is imported.
"""

import math
import operator
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from numbers import Real
from reprlib import Repr
from typing import Any
from uuid import UUID

import rfc8785

MAX_WHOLE = 2**53 - 1
"""Beyond it JSON's numbers leave out integers."""

_shown = Repr()
_shown.maxstring = _shown.maxother = _shown.maxlong = 60
_shown.maxlevel = 3
_TIMES = ("M", "m")
"""Kinds of NumPy's datetime64 and timedelta64."""

_JSON = frozenset({type(None), bool, int, float, str})


class NotPlain(rfc8785.CanonicalizationError):
    """A value that JSON cannot hold. The message says which, and what to do."""


def unwrapped(value: Any) -> Any:
    """Return the value that an enum member, a scalar or an array stands for; others as they are.

    An array becomes a list, or its element if it has no dimension; text of a subclass becomes a
    str. Times of NumPy stay as they are, for some of them are written as numbers.
    """
    while True:
        if isinstance(value, Enum):
            inner = value.value
        elif hasattr(type(value), "dtype") and hasattr(type(value), "tolist"):
            inner = _listed(value)
        else:
            is_text = isinstance(value, str) and type(value) is not str
            return str.__str__(value) if is_text else value
        if type(inner) is type(value):  # a long double has no plain value
            return float(inner) if isinstance(inner, Real) else inner
        value = inner


def plain(value: Any) -> Any:
    """Return a document made of None, bool, int, float, str, list and dict. Raises NotPlain."""
    try:
        return _plain(value)
    except (NotPlain, RecursionError):
        raise
    except Exception as error:  # a type's own
        raise NotPlain(
            f"{shown(value)}, which cannot be read ({described(error)}). Convert it first"
        ) from error


def _plain(value: Any) -> Any:
    value = unwrapped(value)
    kind = type(value)
    if kind in _JSON:
        return _within_json(value) if kind is int or kind is float else value
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float):
        return _within_json(float(value))
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if hasattr(kind, "__index__"):
        return _within_json(operator.index(value))
    raise NotPlain(
        f"{shown(value)}, which is not JSON. Use None, booleans, finite numbers, text, lists and "
        "dictionaries with text as keys, or convert it first; LearningStore(encode=...) does so "
        "for states"
    )


def shown(value: Any) -> str:
    """Return a value for a message: short, and of any object."""
    try:
        return _shown.repr(value)
    except Exception:  # a repr that fails, or an integer of more digits than Python writes
        return f"<{type(value).__name__}>"


def described(error: Exception) -> str:
    """Return an error of a caller's own for a message, on one line."""
    return " ".join(f"{type(error).__name__}: {shown(error)}".split())


def _listed(value: Any) -> Any:
    """Return what an array or a scalar gives as its plain value; itself where it gives none."""
    if getattr(value.dtype, "kind", "") in _TIMES:
        return value
    try:
        return value.tolist()
    except Exception:  # a type's own; the value is then refused as one that stands for nothing
        return value


def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, item in value.items():
        name = unwrapped(key)
        if not isinstance(name, str):
            raise NotPlain(f"the key {shown(key)}, and keys in JSON are text. Use str(...)")
        if name in members:
            raise NotPlain(f"the key {name!r} twice. Keep one of them")
        members[name] = _plain(item)
    return members


def _of_decimal(value: Decimal) -> int | float:
    """The number nearest to it; a whole one is an integer, and so must be held exactly."""
    number = _within_json(float("nan" if value.is_nan() else value))
    if abs(number) > MAX_WHOLE and number != value:
        raise _inexact(value)
    return number


def _within_json(number: int | float) -> int | float:
    if isinstance(number, int):
        if not -MAX_WHOLE <= number <= MAX_WHOLE:
            raise _inexact(number)
    elif not math.isfinite(number):
        raise NotPlain(f"{number}, which is not JSON. Use a finite number, None or text")
    return number


def _inexact(number: Any) -> NotPlain:
    return NotPlain(
        f"the integer {shown(number)}, beyond {MAX_WHOLE:,}, where JSON's numbers leave out "
        "integers. Give it as text"
    )
