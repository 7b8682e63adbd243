"""Form fields that give back exactly what they were given.

Each field has `text()`: what it shows, line ends made alike. A field whose text is what the row
gave it was not changed, so nothing that a browser cannot express is ever written back.
"""

import math
import re
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup
from wtforms import Field, widgets
from wtforms.utils import unset_value

from qlmodels_admin.values import (
    ColumnText,
    dump_json,
    exact_moment,
    load_json,
    read_moment,
    unstorable,
    unstorable_reason,
)

MAX_DOCUMENT_CHARS: Final = 4 * 1024 * 1024
"""Characters."""

MAX_HELD_CHARS: Final = 1000

MAX_EDITED_BYTES: Final = 1024 * 1024
"""Of a bytea in a form."""

BYTES_READ_ONLY: Final = "Not edited here: above 1 MB."

_ZONE: Final = re.compile(r":\d\d(?:\.\d+)? ?(?:[-+]\d\d|z)", re.IGNORECASE)

HEX_PREFIX: Final = "\\x"


def line_ends(text: str) -> str:
    """The text with the one kind of line end that browsers do not send."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def has_zone(text: str) -> bool:
    """Return whether a time names its zone, as an offset."""
    return _ZONE.search(text) is not None


def refuse_unstorable(text: str) -> None:
    """Raise ValueError, which a form shows beside its field."""
    if (reason := unstorable(text)) is not None:
        raise ValueError(reason)


def storable(_: Any, field: Any) -> None:
    """A validator for fields that are not ours."""
    for text in field.raw_data or ():
        if isinstance(text, str):
            refuse_unstorable(text)


class ExactField(Field):
    """One line of text that stands for a value; blank stands for NULL."""

    widget: Any = widgets.TextInput()
    kind = "text"

    def text(self) -> str:
        return line_ends(self._value())

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.show(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        text = valuelist[0].strip()
        refuse_unstorable(text)
        self.data = self.read(text) if text else None

    def show(self, value: Any) -> str:
        return str(value)

    def read(self, text: str) -> Any:
        """The value of what was typed. Raises ValueError with a sentence for people."""
        raise NotImplementedError


class ExactInteger(ExactField):
    kind = "number"

    def read(self, text: str) -> int:
        try:
            return int(text) if len(text) < 30 else int("")
        except ValueError as error:
            raise ValueError("Write a whole number.") from error


NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""What Python calls the numbers that Postgres calls so."""


class ExactFloat(ExactField):
    kind = "number"

    def show(self, value: Any) -> str:
        text = repr(value)
        return NOT_FINITE.get(text, text.removesuffix(".0"))

    def read(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise ValueError("Write a number, for example -0.25 or 1e-3.") from error
        if math.isinf(value) and "inf" not in text.lower():
            raise ValueError("This number is outside what double precision can hold.")
        return value


class ExactLine(ExactField):
    """A value as psql shows it, which Postgres itself reads; blank is NULL."""

    def read(self, text: str) -> str:
        return text

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([line_ends(text) for text in valuelist])

    def __call__(self, **kwargs: Any) -> Markup:
        """In one line, unless the text has more: an input would drop the line ends."""
        self.widget = widgets.TextArea() if "\n" in self.text() else widgets.TextInput()
        rendered: Markup = super().__call__(**kwargs)
        return rendered


class ExactMoment(ExactField):
    """A point in time, in UTC and to the microsecond; Postgres reads what is no ISO time."""

    kind = "moment"

    show = staticmethod(exact_moment)  # pyright: ignore[reportAssignmentType]

    def read(self, text: str) -> datetime | str:
        try:
            return read_moment(text)
        except ValueError as error:
            if any(map(str.isdigit, text)):
                return text
            raise ValueError("Write a time as 2030-01-31 13:45:00+00:00.") from error


class ExactLocalMoment(ExactLine):
    """A time without zone; Postgres would drop a zone without a word."""

    kind = "moment"

    def read(self, text: str) -> str:
        if has_zone(text):
            raise ValueError("The column has no time zone. Write a time as 2030-01-31 13:45:00.")
        return text


class ExactUUID(ExactField):
    kind = "uuid"

    def read(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError as error:
            raise ValueError("Write a UUID: 32 hexadecimal digits.") from error


class ExactJSON(ExactField):
    """A document; blank is NULL, and the word null is JSON's own null.

    A column of the type json holds a text, which stays as it was typed.
    """

    widget: Any = widgets.TextArea()
    kind = "json"

    def __init__(self, *args: Any, is_text: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_text = is_text

    def show(self, value: Any) -> str:
        is_text = isinstance(value, str) if self.is_text else isinstance(value, ColumnText)
        return str(value) if is_text else dump_json(value, indent=2)

    def read(self, text: str) -> Any:
        if len(text) > MAX_DOCUMENT_CHARS:
            raise ValueError(f"A document has at most {MAX_DOCUMENT_CHARS // 1024**2} MB here.")
        try:
            value = load_json(text, unique=True)
        except ValueError as error:
            raise ValueError(f"This is not JSON: {error}.") from error
        if (unfit := unstorable_reason(value)) is not None:
            raise ValueError(f"Postgres cannot hold this JSON: {unfit}.")
        return text if self.is_text else value


class ExactText(ExactLine):
    """Text; where it may be NULL, a box beside it tells NULL from empty text."""

    NULL = "\x00null"

    def __init__(self, *args: Any, nullable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nullable = nullable
        self.is_null = False

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        if formdata is None:
            self.is_null = self.nullable and self.data is None
        else:
            self.is_null = self.nullable and bool(formdata.getlist(f"{self.name}.null"))
        if self.is_null:
            self.data = None

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = line_ends(valuelist[0])
            refuse_unstorable(self.data)

    def text(self) -> str:
        return self.NULL if self.is_null else super().text()


class ExactBytes(ExactLine):
    """Bytes as hexadecimal digits; those of a large value stay out of the page, and as they are."""

    def show(self, value: Any) -> str:
        size = (len(value) - len(HEX_PREFIX)) // 2
        if size <= MAX_EDITED_BYTES:
            return str(value)
        digest = sha256(bytes.fromhex(value.removeprefix(HEX_PREFIX))).hexdigest()
        return f"{size:,} bytes, SHA-256 {digest}. {BYTES_READ_ONLY}"

    def __call__(self, **kwargs: Any) -> Markup:
        text = self.text()
        if not text.endswith(BYTES_READ_ONLY):
            return super().__call__(**kwargs)
        return Markup(
            '<input type="hidden" name="{}" value="{}"><output id="{}" class="mono">{}</output>'
        ).format(self.name, text, self.id, text)


class ReadOnly(Field):
    """Shows a value that the panel cannot write: it is never among what was changed."""

    kind = "read-only"

    def process(
        self,
        formdata: Any,  # noqa: ARG002
        data: Any = unset_value,
        extra_filters: Any = None,
    ) -> None:
        super().process(None, data, extra_filters)
        self.held = self.data
        self.data = None

    def text(self) -> str:
        return ""

    def __call__(self, **kwargs: Any) -> Markup:  # noqa: ARG002
        shown = "" if self.held is None else str(self.held)[:MAX_HELD_CHARS]
        return Markup('<output id="{}" class="mono">{}</output>').format(self.id, shown)
