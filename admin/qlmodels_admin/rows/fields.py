"""Form fields that give back exactly what they were given.

Each field has `text()`: what it shows, line ends made alike. A field whose text is what the row
gave it was not changed, so nothing that a browser cannot express is ever written back.
"""

import math
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from markupsafe import Markup
from wtforms import Field, fields, widgets
from wtforms.utils import unset_value

from qlmodels_admin.values import (
    dump_json,
    load_json,
    unstorable,
    unstorable_reason,
)

MAX_NUMBER_CHARS: Final = 10_000
MAX_DOCUMENT_CHARS: Final = 4 * 1024 * 1024
"""Characters."""

MAX_HELD_CHARS: Final = 1000


def line_ends(text: str) -> str:
    """The text with the one kind of line end that browsers do not send."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


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


class ExactDecimal(ExactField):
    """A number of any length, to its last digit."""

    kind = "number"

    def read(self, text: str) -> Decimal:
        try:
            value = Decimal(text) if len(text) <= MAX_NUMBER_CHARS else Decimal("nan")
        except InvalidOperation as error:
            raise ValueError("Write a number, for example -0.25 or 1e-3.") from error
        if not value.is_finite():
            raise ValueError(f"Write a finite number of at most {MAX_NUMBER_CHARS:,} characters.")
        return value


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
        return dump_json(value, indent=2)

    def read(self, text: str) -> Any:
        if len(text) > MAX_DOCUMENT_CHARS:
            raise ValueError(f"A document has at most {MAX_DOCUMENT_CHARS // 1024**2} MB here.")
        try:
            value = load_json(text, unique=True)
        except ValueError as error:
            raise ValueError(f"This is not JSON: {error}.") from error
        if (unfit := unstorable_reason(value)) is not None:
            raise ValueError(f"Postgres cannot hold this JSON: {unfit}.")
        return value


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
            refuse_unstorable(self.data)

    def text(self) -> str:
        return self.NULL if self.is_null else super().text()

    def __call__(self, **kwargs: Any) -> Markup:
        """In one line, unless the text has more: an input would drop the line ends."""
        self.widget = widgets.TextArea() if "\n" in self.text() else widgets.TextInput()
        rendered: Markup = super().__call__(**kwargs)
        return rendered


class ChoiceField(fields.SelectField):
    kind = "choice"

    def __init__(self, label: str | None = None, *, values: Sequence[str], **kwargs: Any) -> None:
        super().__init__(label, choices=[(value, value) for value in values], **kwargs)

    def text(self) -> str:
        return "" if self.data is None else str(self.data)


class Flag(fields.BooleanField):
    kind = "flag"

    def process_formdata(self, valuelist: list[str]) -> None:
        for text in valuelist:
            refuse_unstorable(text)
        super().process_formdata(valuelist)

    def text(self) -> str:
        return "true" if self.data else "false"


class ThreeWay(ChoiceField):
    """True, false or NULL."""

    VALUES: Final = {"": None, "true": True, "false": False}

    def __init__(self, label: str | None = None, **kwargs: Any) -> None:
        super().__init__(label, values=tuple(self.VALUES), coerce=self._word, **kwargs)

    def _word(self, value: Any) -> str:
        return {True: "true", False: "false", None: ""}.get(value, str(value))

    def process_data(self, value: Any) -> None:
        self.data = self._word(value)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002
        self.data = self.VALUES.get(self.data, self.data)

    def text(self) -> str:
        return self._word(self.data)


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
