"""From a column to the field that edits it."""

import hashlib
from collections.abc import Mapping
from copy import copy
from typing import Any, Final, Literal, get_args, get_origin

from pydantic_core import PydanticUndefined
from sqladmin.forms import ModelConverter
from sqlalchemy import Column
from sqlalchemy.orm import ColumnProperty
from sqlalchemy.types import NullType
from sqlmodel import SQLModel
from wtforms import Form, validators
from wtforms.fields.core import UnboundField

from qlmodels_admin.rows import fields
from qlmodels_admin.rows.array_field import ExactArray
from qlmodels_admin.rows.choice_fields import ChoiceField, ExactChoice, Flag, ThreeWay
from qlmodels_admin.values import database_type, family_of

MAX_BASE_CHARS = 64 * 1024

GENERATED: Final = "Not edited here: Postgres computes it from other columns."
NO_TYPE: Final = "Not edited here: its model does not declare its type."


class PanelConverter(ModelConverter):
    """The field of a column, by the family of its type; sqladmin's own for relationships."""

    async def convert(self, model: type, prop: Any, *args: Any, **kwargs: Any) -> UnboundField:
        """Take a key that joins the tables of a model for that of the first one."""
        if isinstance(prop, ColumnProperty) and len(prop.columns) > 1:
            prop = copy(prop)
            prop.columns = prop.columns[-1:]
        return await super().convert(model, prop, *args, **kwargs)

    def get_converter(self, prop: Any) -> Any:
        if not isinstance(prop, ColumnProperty):
            return super().get_converter(prop)
        return _field_of


def _field_of(model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]) -> UnboundField:
    column: Any = prop.columns[0]
    family = family_of(column)
    prepared = _prepared(model, prop, kwargs)
    if reason := read_only_reason(column):
        prepared |= {"validators": [], "default": None}
        prepared["description"] = " ".join(filter(None, [column.comment, reason]))
        return _field(fields.ReadOnly, prepared)
    nullable = bool(column.nullable)
    kind: Any = database_type(column.type)
    match family.field:
        case "words":
            if choices := _choices(model, prop.key):
                return _field(ChoiceField, prepared, values=choices)
            prepared["validators"] = [*prepared["validators"], *_length(kind)]
            return _field(fields.ExactText, prepared, nullable=nullable)
        case "choice":
            return _field(ExactChoice, prepared, labels=kind.enums, nullable=nullable)
        case "array":
            return _field(ExactArray, prepared, of=kind)
        case "flag":
            return _field(ThreeWay if nullable else Flag, prepared)
        case "json":
            return _field(fields.ExactJSON, prepared, is_text=family.by_text)
        case "line" if family.takes_empty:
            return _field(fields.ExactText, prepared, nullable=nullable)
        case simple:
            return _field(SIMPLE_FIELDS[simple], prepared)


SIMPLE_FIELDS: Final[Mapping[str, type]] = {
    "bytes": fields.ExactBytes,
    "float": fields.ExactFloat,
    "line": fields.ExactLine,
    "local": fields.ExactLocalMoment,
    "moment": fields.ExactMoment,
    "number": fields.ExactInteger,
    "uuid": fields.ExactUUID,
}


def read_only_reason(column: Column[Any]) -> str:
    """Return why a form shows the column and never writes it; empty where it does."""
    if column.computed is not None:
        return GENERATED
    if isinstance(column.type, NullType):
        return NO_TYPE
    return family_of(column).read_only


def _length(kind: Any) -> list[validators.Length]:
    length = getattr(kind, "length", None)
    return [validators.Length(max=length)] if length else []


def _field(kind: type, kwargs: dict[str, Any], **own: Any) -> UnboundField:
    return kind(**kwargs, **own)  # type: ignore[no-any-return]  # WTForms fields bind later


def _prepared(model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the model's own description and default."""
    column: Any = prop.columns[0]
    family = family_of(column)
    prepared = {**kwargs}
    blank = ""
    if column.primary_key and (column.server_default is not None or is_numbered(column)):
        blank = "Blank lets the server choose."
    elif column.nullable and not (family.is_words or family.takes_empty):
        blank = "Blank is null."
    example = f"For example {family.example}." if family.example else ""
    prepared["description"] = " ".join(filter(None, [_sentence(column.comment), example, blank]))
    if prepared.get("default") is None and not column.primary_key:
        prepared["default"] = _default(model, prop.key)
    if family.takes_empty:
        prepared["validators"] = [
            check
            for check in prepared["validators"]
            if not isinstance(check, validators.InputRequired)
        ]
    if is_numbered(column):
        prepared["validators"] = [validators.Optional()]
    return prepared


def is_numbered(column: Column[Any]) -> bool:
    """Return whether the server numbers the rows: an identity, or SERIAL as SQLAlchemy has it."""
    return column.identity is not None or column is column.table.autoincrement_column


def _sentence(text: str | None) -> str:
    return f"{text.rstrip('.')}." if text else ""


def _default(model: type, name: str) -> Any:
    if not issubclass(model, SQLModel) or name not in model.model_fields:
        return None
    default = model.model_fields[name].get_default(call_default_factory=True, validated_data={})
    return None if default is PydanticUndefined else default


def _choices(model: type, name: str) -> tuple[str, ...]:
    if not issubclass(model, SQLModel) or name not in model.model_fields:
        return ()
    annotation = model.model_fields[name].annotation
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def hold(form: Form, row: Mapping[str, Any]) -> None:
    """Have the fields that cannot be edited show what the row holds, whatever was posted."""
    for name, field in form._fields.items():
        if isinstance(field, fields.ReadOnly):
            field.held = row[name]


def shown_text(field: Any) -> str:
    """What a field shows, as text that can be compared."""
    if hasattr(field, "text"):
        return str(field.text())
    value = field._value() if hasattr(field, "_value") else field.data
    return fields.line_ends(str(value))


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def fingerprints(form: Form) -> dict[str, str]:
    """A short hash of what each field of a form shows, for its page to send back."""
    return {name: fingerprint(shown_text(field)) for name, field in form._fields.items()}


def bases(form: Form) -> dict[str, str]:
    """What each field shows, where that is short enough to go to the page and back."""
    texts = {name: shown_text(field) for name, field in form._fields.items()}
    return {name: text for name, text in texts.items() if len(text) <= MAX_BASE_CHARS}
