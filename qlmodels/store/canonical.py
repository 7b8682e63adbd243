"""RFC 8785 canonical JSON: by the library, or in C where orjson writes the same."""

import re
from typing import Any

import orjson
import rfc8785

from qlmodels.store.plain import MAX_WHOLE, plain

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
    """What `rfc8785.dumps` gives for `plain(value)`, and mostly in a fifth of the time.

    Raises NotPlain, and CanonicalizationError for text that is no Unicode.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # for types of others, and for what cannot be written
        return _dumps_plain(plain(value))
    if _is_doubtful(text) and not _written_alike(value):
        return rfc8785.dumps(plain(value))
    return text


def _dumps_plain(value: Any) -> bytes:
    try:
        text = orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # nested deeper than orjson goes, or text that is no Unicode
        return rfc8785.dumps(value)
    return text if not _is_doubtful(text) or _written_alike(value) else rfc8785.dumps(value)


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
        return bool(-MAX_WHOLE <= value <= MAX_WHOLE)
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
