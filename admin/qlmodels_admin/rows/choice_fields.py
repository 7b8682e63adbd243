"""Form fields of a few values: of enums, of Literal annotations, of flags."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from wtforms import fields, widgets

from qlmodels_admin.rows.fields import ExactField, refuse_unstorable


class ChoiceField(fields.SelectField):
    kind = "choice"

    def __init__(self, label: str | None = None, *, values: Sequence[str], **kwargs: Any) -> None:
        super().__init__(label, choices=[(value, value) for value in values], **kwargs)

    def text(self) -> str:
        return "" if self.data is None else str(self.data)


class ExactChoice(ExactField):
    """One of an enum's labels; a word that is none of them stands for NULL."""

    kind = "choice"
    widget: Any = widgets.Select()

    def __init__(self, *args: Any, labels: Sequence[str], nullable: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels
        self.null = next(word for word in ("", "null", "(null)") if word not in labels)
        self.choices_before = [(self.null, "")] if nullable else []

    def iter_choices(self) -> Iterator[tuple[str, str, bool, dict[str, Any]]]:
        """Yield the options; a label that the model does not know is one while it is held."""
        shown = self._value()
        known = [*self.choices_before, *((label, label) for label in self.labels)]
        if shown not in dict(known):
            known.insert(0, (shown, shown))
        for value, label in known:
            yield value, label, value == shown, {}

    def has_groups(self) -> bool:
        return False

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.null if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        refuse_unstorable(valuelist[0])
        self.data = None if valuelist[0] == self.null else valuelist[0]


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
