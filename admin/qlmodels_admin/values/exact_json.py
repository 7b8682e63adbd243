"""JSON as jsonb holds it: every number exact, and its own null apart from SQL's."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import JSON

from qlmodels_admin.values.storable import unstorable_json

JSON_NULL: Any = JSON.NULL
"""The document `null`, which is a value; Python's None stands for SQL's NULL."""

MAX_DEPTH = 100
MAX_INTEGER_DIGITS = 400

LONGEST_NUMBER = 150_000
"""Characters; numeric has at most 147,455 digits."""

MOST_MEMBERS = 50_000
"""Members and items of a document that is typed."""


class Unparsed(str):
    """A document nested too deeply for Python, as its text."""

    __slots__ = ()


def load_json(text: str, *, unique: bool = False) -> Any:
    """The value of a JSON text. Raises ValueError, which says where the text goes wrong.

    With `unique`, for what is typed, no object may hold a key twice, of which jsonb would keep the
    last in silence, and MOST_MEMBERS are allowed.
    """
    try:
        value = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object if unique else None,
        )
    except RecursionError:
        return Unparsed(text)
    if value is None:
        return JSON_NULL
    depth, members = _measure(value)
    if unique and members > MOST_MEMBERS:
        raise ValueError(f"it has more than {MOST_MEMBERS:,} members and items")
    return Unparsed(text) if depth > MAX_DEPTH else value


def dump_json(value: Any, *, indent: int | None = None) -> str:
    """The JSON text of a value; in lines, if `indent` says by how much."""
    return "".join(_pieces(value, indent, 0))


def plain_value(value: Any) -> Any:
    """The value with floats for decimals, for those who check it; never for what is stored."""
    match value:
        case Decimal():
            number = float(value)
            return number if abs(number) != float("inf") else 1.7e308
        case list():
            return [plain_value(item) for item in value]
        case dict():
            return {key: plain_value(item) for key, item in value.items()}
        case _:
            return None if value is JSON_NULL else value


def unstorable_reason(value: Any, text: str | None = None) -> str | None:
    """Return why jsonb cannot hold a document, as the end of a sentence; None if it can.

    `text` is what `dump_json` made of it, if that is known.
    """
    return unstorable_json(dump_json(value) if text is None else text)


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"the number {text[:20]}… has more than {LONGEST_NUMBER:,} digits")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"the number {text[:20]} is too large") from error


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) < MAX_INTEGER_DIGITS else _decimal(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {json.dumps(twice[:40])} occurs twice in one object")
    return members


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"JSON has no {name}: write null or a number")


def _measure(value: Any) -> tuple[int, int]:
    """How deeply the value is nested, and how many members and items it has in all."""
    depth = members = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        members += sum(map(len, level))
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
    return depth, members


def _pieces(value: Any, indent: int | None, level: int) -> Iterator[str]:
    match value:
        case Unparsed():
            yield value
        case dict() if value:
            items = [
                "".join([_scalar(key), ": ", *_pieces(item, indent, level + 1)])
                for key, item in value.items()
            ]
            yield from _enclosed("{", items, "}", indent, level)
        case list() if value:
            items = ["".join(_pieces(item, indent, level + 1)) for item in value]
            yield from _enclosed("[", items, "]", indent, level)
        case Decimal():
            yield str(value)
        case _:
            yield _scalar(None if value is JSON_NULL else value)


_scalar = json.JSONEncoder(ensure_ascii=False).encode


def _enclosed(
    start: str, items: list[str], end: str, indent: int | None, level: int
) -> Iterator[str]:
    if indent is None:
        yield f"{start}{', '.join(items)}{end}"
        return
    margin = "\n" + " " * indent * level
    inner = margin + " " * indent
    yield f"{start}{inner}{f',{inner}'.join(items)}{margin}{end}"
