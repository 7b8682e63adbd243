"""Form fields that give back exactly what they were given.

Each field has `text()`: what it shows, line ends made alike. A field whose text is what the row
gave it was not changed, so nothing that a browser cannot express is ever written back.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup
from wtforms import Field, fields, widgets
from wtforms.utils import unset_value

from qlmodels_admin import exact_json


def line_ends(text: str) -> str:
    """The text with the one kind of line end that browsers do not send."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


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


class ExactFloat(ExactField):
    kind = "number"

    def show(self, value: Any) -> str:
        return repr(value)

    def read(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError as error:
            raise ValueError("Write a number, for example -0.25 or 1e-3.") from error
        if not math.isfinite(value):
            raise ValueError("Write a finite number.")
        return value


class ExactMoment(ExactField):
    """A point in time, in UTC and to the microsecond."""

    kind = "moment"

    def show(self, value: datetime) -> str:
        return value.astimezone(UTC).isoformat(sep=" ")

    def read(self, text: str) -> datetime:
        try:
            value = datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError("Write a time as 2030-01-31 13:45:00+00:00.") from error
        return value if value.tzinfo else value.replace(tzinfo=UTC)


class ExactUUID(ExactField):
    kind = "uuid"

    def read(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError as error:
            raise ValueError("Write a UUID: 32 hexadecimal digits.") from error


class ExactJSON(ExactField):
    """A document; blank is NULL, and the word null is JSON's own null."""

    widget: Any = widgets.TextArea()
    kind = "json"

    def show(self, value: Any) -> str:
        return exact_json.dumps(value, indent=2)

    def read(self, text: str) -> Any:
        try:
            value = exact_json.loads(text, unique=True)
        except ValueError as error:
            raise ValueError(f"This is not JSON: {error}.") from error
        if (unfit := _unstorable(exact_json.dumps(value))) is not None:
            raise ValueError(f"Postgres cannot hold this JSON: {unfit}.")
        return value


def _unstorable(text: str) -> str | None:
    if "\\u0000" in text.replace("\\\\", ""):
        return "it has a NUL character in a string"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "it has half of a surrogate pair in a string"
    return None


class ExactText(ExactField):
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

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        if self.data is not None and "\x00" in self.data:
            raise ValueError("Postgres cannot hold a NUL character.")

    def text(self) -> str:
        return self.NULL if self.is_null else super().text()

    def __call__(self, **kwargs: Any) -> Markup:
        """In one line, unless the text has more: an input would drop the line ends."""
        self.widget = widgets.TextArea() if "\n" in self.text() else widgets.TextInput()
        rendered: Markup = super().__call__(**kwargs)
        return rendered


class Choice(fields.SelectField):
    kind = "choice"

    def __init__(self, label: str | None = None, *, values: Sequence[str], **kwargs: Any) -> None:
        super().__init__(label, choices=[(value, value) for value in values], **kwargs)

    def text(self) -> str:
        return "" if self.data is None else str(self.data)


class Flag(fields.BooleanField):
    kind = "flag"

    def text(self) -> str:
        return "true" if self.data else "false"
