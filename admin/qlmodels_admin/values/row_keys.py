"""Keys of rows as one piece of a URL, whatever characters they hold."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, String, Uuid

from qlmodels.storable_text import unstorable

LONGEST = 20_000
"""Characters; no index of Postgres takes a key that is longer."""


class InvalidRowKey(ValueError):
    """The text is no key of this table."""


def encode_key(values: Sequence[Any]) -> str:
    r"""Parts joined by `;`, with `\` before each `;` and `\` of theirs.

    >>> encode_key(["test;er", 7])
    'test\\;er;7'
    """
    text = ";".join(str(value).replace("\\", "\\\\").replace(";", "\\;") for value in values)
    # browsers resolve these two, percent-encoded or not
    return f"\\{text}" if text in {".", ".."} else text


def decode_key(text: str, columns: Sequence[Column[Any]]) -> tuple[Any, ...]:
    """The values of the key's columns. Raises InvalidRowKey."""
    if len(text) > LONGEST:
        raise InvalidRowKey(f"a key has at most {LONGEST:,} characters")
    texts = key_parts(text)
    if len(texts) != len(columns):
        raise InvalidRowKey(f"a key of {len(columns)} parts is needed, and this has {len(texts)}")
    return tuple(key_value(column, part) for column, part in zip(columns, texts, strict=True))


def key_parts(text: str) -> list[str]:
    """Return the parts of a key, as `encode_key` joined them."""
    parts, part, escaped = [], "", False
    for character in text:
        if escaped or character not in "\\;":
            part, escaped = part + character, False
        elif character == "\\":
            escaped = True
        else:
            parts.append(part)
            part = ""
    return [*parts, part]


def key_value(column: Column[Any], text: str) -> Any:
    """One value of a key or filter, of the column's type. Raises InvalidRowKey."""
    try:
        match column.type:
            case Uuid():
                return UUID(text)
            case Integer():
                return _integer(column.type, text)
            case String():
                return _text(column.type, text)
            case kind:
                return kind.python_type(text)
    except ValueError as error:
        raise InvalidRowKey(f"{text[:80]!r} is no {column.name}") from error


def _integer(kind: Integer, text: str) -> int:
    if len(text) > 20 or not text.isascii():
        raise ValueError(text)
    value = int(text)
    bits = 63 if isinstance(kind, BigInteger) else 15 if isinstance(kind, SmallInteger) else 31
    if not -(2**bits) <= value < 2**bits:
        raise ValueError(text)
    return value


def _text(kind: String, text: str) -> str:
    if unstorable(text) or (kind.length is not None and len(text) > kind.length):
        raise ValueError(text)
    return text
