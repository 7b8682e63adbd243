"""Keys of rows as one piece of a URL: of any characters, and of any length."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, SmallInteger, String

from qlmodels.storable_text import unstorable
from qlmodels_admin.values.column_text import ColumnText
from qlmodels_admin.values.column_types import database_type, family_of
from qlmodels_admin.values.timestamps import exact_moment, read_moment

LONGEST = 300_000
"""Characters: an index of Postgres takes 2,704 bytes, to which a longer key may be compressed."""

MAX_PART_CHARS: Final = 600
"""Of one part of a key in a URL; a longer one is there by its hash."""

FLAGS: Final = {"true": True, "false": False, "t": True, "f": False}


class InvalidRowKey(ValueError):
    """The text is no key of this table."""


class HashedPart(str):
    """The SHA-256, in hexadecimal digits, of a part that is too long for a URL."""

    __slots__ = ()


def encode_key(values: Sequence[Any], *, whole: bool = False) -> str:
    r"""Parts joined by `;`, with `\` before each `;` and `\` of theirs, and line ends as `\n`.

    A long part is `\~` and its hash, unless the key is to be `whole`.

    >>> encode_key(["test;er", 7])
    'test\\;er;7'
    """
    text = ";".join(_part(part_text(value), whole) for value in values)
    # browsers resolve these two, percent-encoded or not
    return f"\\{text}" if text in {".", ".."} else text


def part_text(value: Any) -> str:
    """Return a part of a key as text that `key_value` reads."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return exact_moment(value)
        case _:
            return str(value)


def _part(text: str, whole: bool) -> str:
    if len(text) > MAX_PART_CHARS and not whole:
        return f"\\~{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    # the path of a route has no line end
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("\n", "\\n")


def decode_key(text: str, columns: Sequence[Column[Any]]) -> tuple[Any, ...]:
    """The values of the key's columns; a HashedPart for a part that is hashed.

    Raises InvalidRowKey.
    """
    if len(text) > LONGEST:
        raise InvalidRowKey(f"a key has at most {LONGEST:,} characters")
    texts = key_parts(text)
    if len(texts) != len(columns):
        raise InvalidRowKey(f"a key of {len(columns)} parts is needed, and this has {len(texts)}")
    return tuple(key_value(column, part) for column, part in zip(columns, texts, strict=True))


def key_parts(text: str) -> list[str]:
    """Return the parts of a key, as `encode_key` joined them."""
    parts, part, escaped, hashed = list[str](), "", False, False
    for character in f"{text};":
        if escaped or character not in "\\;":
            hashed = hashed or (escaped and character == "~" and not part)
            part += "\n" if escaped and character == "n" else character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append(HashedPart(part[1:]) if hashed else part)
            part, hashed = "", False
    return parts


def key_value(column: Column[Any], text: str) -> Any:
    """One value of a key or filter, of the column's type; what Postgres reads stays text.

    Raises InvalidRowKey.
    """
    if isinstance(text, HashedPart):
        return text
    family = family_of(column)
    try:
        match family.field:
            case "uuid":
                return UUID(text)
            case "number":
                return _integer(database_type(column.type), text)
            case "float":
                return float(text)
            case "flag":
                return FLAGS[text.lower()]
            case "moment":
                return _moment(column, text)
            case _:
                return _text(column, text)
    except (ValueError, KeyError) as error:
        raise InvalidRowKey(f"{text[:80]!r} is not a valid {column.name}") from error


def _integer(kind: Any, text: str) -> int:
    if len(text) > 20 or not text.isascii():
        raise ValueError(text)
    value = int(text)
    bits = 63 if isinstance(kind, BigInteger) else 15 if isinstance(kind, SmallInteger) else 31
    if not -(2**bits) <= value < 2**bits:
        raise ValueError(text)
    return value


def _moment(column: Column[Any], text: str) -> datetime | ColumnText:
    try:
        return read_moment(text)
    except ValueError:
        return ColumnText(_text(column, text), column)


def _text(column: Column[Any], text: str) -> str:
    kind = database_type(column.type)
    if unstorable(text):
        raise ValueError(text)
    if family_of(column).by_text or family_of(column).field == "json":
        return ColumnText(text, column)
    if isinstance(kind, String) and kind.length is not None and len(text) > kind.length:
        raise ValueError(text)
    return text
