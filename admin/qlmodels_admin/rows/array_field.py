"""A column of an array type in a form: a JSON list, nested as the array is."""

import re
from typing import Any, Final

from sqlalchemy import ARRAY
from wtforms import widgets

from qlmodels_admin.rows.fields import MAX_DOCUMENT_CHARS, ExactField, has_zone, line_ends
from qlmodels_admin.values import (
    JSON_NULL,
    MAX_DIMENSIONS,
    Elements,
    Unparsed,
    dimensions_of,
    dump_json,
    has_bounds,
    load_json,
    parse_array,
    type_family,
    unstorable_reason,
    write_array,
)

_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_FLAGS: Final = {"t": True, "f": False}


class ExactArray(ExactField):
    """Blank is NULL, `[]` an empty array, and null within it an element that is NULL.

    What a list cannot say is written as psql shows it, `[5:6]={1,2}`, and read like that too.
    """

    widget: Any = widgets.TextArea()
    kind = "array"

    def __init__(self, *args: Any, of: ARRAY[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = of
        self.family = type_family(of.item_type)

    @property
    def holds_documents(self) -> bool:
        """Return whether a list within the list is a document rather than a dimension."""
        return self.family.field == "json"

    def show(self, value: Any) -> str:
        if isinstance(value, list):  # a default of the model's
            return dump_json(value)
        if has_bounds(value):
            return str(value)
        elements = self._shown(parse_array(value))
        if self.holds_documents and any(item is JSON_NULL for item in elements):
            return str(value)  # JSON's null looks like NULL
        if self.holds_documents and len(dimensions_of(parse_array(value)) or ()) > 1:
            return str(value)  # a dimension looks like a document
        return dump_json(elements)

    def _shown(self, elements: Elements) -> list[Any]:
        return [
            self._shown(item) if isinstance(item, list) else self._element_shown(item)
            for item in elements
        ]

    def _element_shown(self, text: str | None) -> Any:
        if text is None:
            return None
        if self.holds_documents:
            return load_json(text)
        if self.family.kind == "flag":
            return _FLAGS[text]
        if self.family.kind == "number" and _NUMBER.fullmatch(text):
            return Unparsed(text)
        return text

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([line_ends(text) for text in valuelist])

    def read(self, text: str) -> str:
        if len(text) > MAX_DOCUMENT_CHARS:
            raise ValueError(f"A list has at most {MAX_DOCUMENT_CHARS // 1024**2} MB here.")
        if has_bounds(text) or text.startswith("{"):
            return text
        try:
            value = load_json(text, unique=True)
        except ValueError as error:
            raise ValueError(f"This is not a JSON list: {error}.") from error
        if isinstance(value, Unparsed) or not isinstance(value, list):
            raise ValueError("Write a JSON list, for example [null], or an array as psql shows it.")
        if not self.holds_documents:
            self._check_dimensions(value)
        return write_array([self._read(item, f"[{place}]") for place, item in enumerate(value)])

    def _check_dimensions(self, value: list[Any]) -> None:
        lengths = dimensions_of(value)
        wanted = self.of.dimensions
        if lengths is None or len(lengths) > MAX_DIMENSIONS or (len(lengths) > 1 and 0 in lengths):
            raise ValueError(
                "Lists within the list need one length, and must not be empty. "
                f"At most {MAX_DIMENSIONS} may be nested."
            )
        if wanted is not None and value and len(lengths) != wanted:
            raise ValueError(f"The list needs {wanted} dimensions, and has {len(lengths)}.")

    def _read(self, value: Any, path: str) -> Any:
        if value is None:
            return None
        if self.holds_documents:
            return self._document(value, path)
        if isinstance(value, list):
            return [self._read(item, f"{path}[{place}]") for place, item in enumerate(value)]
        if isinstance(value, bool):
            return str(value).lower()
        if self.family.is_words and not isinstance(value, str):
            raise ValueError(f'{path} is not a text. Write for example "text", or null.')
        if self.family.field == "local" and has_zone(str(value)):
            raise ValueError(f"{path} has a time zone, and the column has none.")
        if isinstance(value, dict):
            raise ValueError(f"{path} is a JSON object, and the column's elements are not.")
        return str(value)

    def _document(self, value: Any, path: str) -> str:
        text = dump_json(value)
        if unfit := unstorable_reason(value, text):
            raise ValueError(f"{path} cannot be held by Postgres: {unfit}.")
        return text
