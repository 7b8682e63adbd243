"""What differs between two versions of a row: column by column, and by path within documents."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, Final

from markupsafe import Markup

from qlmodels_admin.values import exact_json
from qlmodels_admin.values import format as cells
from qlmodels_admin.values.exact_json import Unparsed

MAX_DIFFERENCES = 200


class _Missing:
    """Neither NULL nor any value: there is no such key or item."""


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` is a column, or a place in one: `metadata.tags[2]`."""

    path: str
    old: Any
    new: Any

    @property
    def column(self) -> str:
        return self.path.partition(".")[0].partition("[")[0]


def differences_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return at most MAX_DIFFERENCES, in the order of the columns' names.

    A column in neither is the same in both; one that only one of them has was NULL in the other.
    """
    if isinstance(old, Unparsed) or isinstance(new, Unparsed):
        return [Difference("row", old, new)]
    names = dict.fromkeys([*old, *new])
    differences = (
        part
        for name in names
        for part in _compared(name, old.get(name, MISSING), new.get(name, MISSING))
    )
    return list(islice(differences, MAX_DIFFERENCES))


def _compared(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            yield from _compared(f"{path}.{key}", old.get(key, MISSING), new.get(key, MISSING))
    elif isinstance(old, list) and isinstance(new, list):
        for place, (left, right) in enumerate(zip_longest(old, new, fillvalue=MISSING)):
            yield from _compared(f"{path}[{place}]", left, right)
    elif not same_value(old, new):
        yield Difference(path, old, new)


def same_value(old: Any, new: Any) -> bool:
    """Return whether two values are written alike: 1.0 and 1.00 are not, nor are true and 1."""
    if isinstance(old, _Missing) or isinstance(new, _Missing):
        return old is new
    return old is new or text_of(old) == text_of(new)


def text_of(value: Any) -> str:
    if isinstance(value, str | int | float | list | dict) or value is exact_json.JSON_NULL:
        return exact_json.dump_json(value)
    return f"{type(value).__name__} {value}"


def shown_difference(value: Any, *, within: bool = False) -> Markup:
    """One side of a difference; what is `within` a document may be missing, a column is NULL."""
    if isinstance(value, _Missing):
        return Markup('<span class="null">not there</span>') if within else cells.NULL_CELL
    if value is None:
        return Markup('<code class="json">null</code>') if within else cells.NULL_CELL
    if isinstance(value, str) and not isinstance(value, Unparsed):
        whole = exact_json.dump_json(value) if within else value
        text = cells.cut(whole, 600)
        return (
            Markup('<span class="text">{}</span>').format(text)
            if text
            else Markup('<span class="null">empty</span>')
        )
    text = (
        exact_json.dump_json(value) if isinstance(value, dict | list | bool | str) else str(value)
    )
    if value is exact_json.JSON_NULL:
        text = "null"
    return Markup('<code class="json">{}</code>').format(cells.cut(text, 600))
