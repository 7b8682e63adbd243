"""RFC 8785 canonical JSON: by the library, or in C where orjson writes the same."""

import re
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
import rfc8785

_SAFE = 2**53 - 1
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_SUBCLASS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
)
_EXPONENT = re.compile(rb"e[-+]?[0-9]")
_ALIKE = frozenset({str, bool, type(None)})


def dumps(value: Any) -> bytes:
    """What `rfc8785.dumps` gives, and for most documents in a fifth of the time.

    A UUID counts as its text, and an Enum as its value. Raises what `rfc8785.dumps` raises.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        return rfc8785.dumps(value)
    return text if not _is_doubtful(text) or _written_alike(value) else rfc8785.dumps(_plain(value))


def _is_doubtful(text: bytes) -> bool:
    """Whether it may hold a float that JavaScript writes otherwise, NaN, or a key out of order."""
    return (
        not text.isascii() or b".0" in text or b"null" in text or _EXPONENT.search(text) is not None
    )


def _written_alike(value: Any) -> bool:
    """No number that JavaScript would write otherwise, no key that it would sort otherwise."""
    kind = type(value)
    if kind in _ALIKE:
        return True
    if kind is int:
        return bool(-_SAFE <= value <= _SAFE)
    if kind is float:
        return bool(1e-4 <= abs(value) < 1e16 and not value.is_integer())
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or not _written_alike(item):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_written_alike, value))
    return False


def _plain(value: Any) -> Any:
    """What orjson takes beyond JSON's own types, as it writes it."""
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    if type(value) is list or type(value) is tuple:
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    return str(value) if isinstance(value, UUID) else value
