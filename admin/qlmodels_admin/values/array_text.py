"""Arrays as Postgres writes them, and as lists that JSON can hold."""

import re
from typing import Any, Final, TypeAlias

Elements: TypeAlias = "list[str | Elements | None]"
"""An array's elements as text, NULL as None, nested as its dimensions are."""

MAX_DIMENSIONS: Final = 6
"""Of an array in Postgres."""

_PART: Final = re.compile(r'[{},]|"(?:[^"\\]++|\\.)*+"|(?:[^"\\{},]++|\\.)++', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_BOUNDS: Final = re.compile(r"(?:\[[-+]?\d+:[-+]?\d+\])+=")


def has_bounds(text: str) -> bool:
    """Return whether an array is numbered from another place than 1, which no list can say."""
    return _BOUNDS.match(text) is not None


def parse_array(text: str) -> Elements:
    """Return the elements of an array that Postgres wrote. Raises ValueError."""
    outer: Elements = []
    open_lists = [outer]
    for match in _PART.finditer(text):
        part = match.group()
        if part == "{":
            inner: Elements = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif part == "}":
            open_lists.pop()
        elif part != ",":
            open_lists[-1].append(_element(part))
    if len(outer) != 1 or len(open_lists) != 1 or not isinstance(outer[0], list):
        raise ValueError(f"{text[:40]!r} is not an array")
    return outer[0]


def _element(part: str) -> str | None:
    if part.startswith('"'):
        return _ESCAPED.sub(r"\1", part[1:-1])
    return None if part == "NULL" else _ESCAPED.sub(r"\1", part)


def write_array(elements: Elements) -> str:
    """Return an array as Postgres reads it; every element is quoted."""
    return "{" + ",".join(map(_written, elements)) + "}"


def _written(element: Any) -> str:
    if isinstance(element, list):
        return write_array(element)
    if element is None:
        return "NULL"
    escaped = element.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def dimensions_of(elements: list[Any]) -> list[int] | None:
    """Return the length of each dimension; None where lists of one dimension differ."""
    lengths = [len(elements)]
    level = elements
    while any(isinstance(item, list) for item in level):
        found = {len(item) if isinstance(item, list) else -1 for item in level}
        if len(found) > 1:
            return None
        lengths.append(found.pop())
        level = [inner for item in level for inner in item]
    return lengths
