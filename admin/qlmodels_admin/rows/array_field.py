"""A column of an array type in a form: a JSON list, nested as the array is."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ARRAY, JSON
from wtforms import widgets

from qlmodels_admin.rows.array_elements import ArrayElement
from qlmodels_admin.rows.fields import MAX_DOCUMENT_CHARS, ExactField
from qlmodels_admin.values import JSON_NULL, Unparsed, dump_json, load_json, unstorable_reason

NOT_EDITABLE: Final = "(not editable) "
"""Before an array that a JSON list cannot tell from another one."""

MAX_DIMENSIONS: Final = 6
"""Of an array in Postgres."""


class ExactArray(ExactField):
    """Blank is NULL, `[]` an empty array, and null within it an element that is NULL."""

    widget: Any = widgets.TextArea()
    kind = "array"

    def __init__(self, *args: Any, of: ARRAY[Any], element: ArrayElement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = of
        self.element = element

    @property
    def holds_documents(self) -> bool:
        """Return whether a list within the list is a document rather than a dimension."""
        return isinstance(self.of.item_type, JSON)

    def show(self, value: Any) -> str:
        text = dump_json(self._shown(value))
        if self.holds_documents and any(_is_unclear(item, self.of) for item in value):
            return NOT_EDITABLE + text
        return text

    def _shown(self, value: Any) -> Any:
        if isinstance(value, list | tuple) and not (
            self.holds_documents and self.of.dimensions == 1
        ):
            return [self._shown(item) for item in value]
        if isinstance(value, list | tuple):
            return list(value)
        return None if value is None else self.element.show(value)

    def read(self, text: str) -> Any:
        if text.startswith(NOT_EDITABLE.strip()):
            raise ValueError(
                "This array cannot be edited here. Leave it as it is, or write a new JSON list."
            )
        if len(text) > MAX_DOCUMENT_CHARS:
            raise ValueError(f"A list has at most {MAX_DOCUMENT_CHARS // 1024**2} MB here.")
        try:
            value = load_json(text, unique=True)
        except ValueError as error:
            raise ValueError(f"This is not a JSON list: {error}.") from error
        if isinstance(value, Unparsed) or not isinstance(value, list):
            raise ValueError(f"Write a JSON list, for example [{self.element.example}, null].")
        if self.holds_documents:
            return [self._read_one(item, f"[{place}]") for place, item in enumerate(value)]
        self._check_dimensions(value)
        return self._read(value, "")

    def _check_dimensions(self, value: list[Any]) -> None:
        lengths = _lengths(value)
        wanted = self.of.dimensions
        if lengths is None or len(lengths) > MAX_DIMENSIONS or (len(lengths) > 1 and 0 in lengths):
            raise ValueError(
                "Lists within the list need one length, and must not be empty. "
                f"At most {MAX_DIMENSIONS} may be nested."
            )
        if wanted is not None and value and len(lengths) != wanted:
            raise ValueError(f"The list needs {wanted} dimensions, and has {len(lengths)}.")

    def _read(self, value: Any, path: str) -> Any:
        if isinstance(value, list):
            return [self._read(item, f"{path}[{place}]") for place, item in enumerate(value)]
        return self._read_one(value, path)

    def _read_one(self, value: Any, path: str) -> Any:
        if value is None:
            return None
        if self.holds_documents and (unfit := unstorable_reason(value)):
            raise ValueError(f"{path} cannot be held by Postgres: {unfit}.")
        try:
            return self.element.read(value)
        except ValueError as error:
            example = self.element.example
            raise ValueError(f"{path} {error}. Write for example {example}, or null.") from error


def _is_unclear(item: Any, of: ARRAY[Any]) -> bool:
    """JSON's null looks like NULL, and a document that is a list like a dimension."""
    return item is JSON_NULL or (isinstance(item, list) and of.dimensions != 1)


def _lengths(value: Any) -> list[int] | None:
    """The length of each dimension; None where lists of one dimension differ."""
    dimensions = []
    level: list[Any] = [value]
    while any(isinstance(item, list) for item in level):
        lengths = {len(item) if isinstance(item, list) else -1 for item in level}
        if len(lengths) > 1:
            return None
        dimensions.append(lengths.pop())
        level = list(_inner(level))
    return dimensions


def _inner(level: list[Any]) -> Iterator[Any]:
    for item in level:
        yield from item
