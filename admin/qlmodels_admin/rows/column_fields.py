"""From a column to the field that edits it."""

import hashlib
from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

from pydantic_core import PydanticUndefined
from sqladmin.exceptions import NoConverterFound
from sqladmin.forms import ModelConverter
from sqladmin.forms import converts as _converts
from sqlalchemy import JSON, String
from sqlalchemy.orm import ColumnProperty
from sqlmodel import SQLModel
from wtforms import Form, validators
from wtforms.fields.core import UnboundField

from qlmodels_admin.rows import fields
from qlmodels_admin.rows.array_elements import element_of
from qlmodels_admin.rows.array_field import ExactArray
from qlmodels_admin.rows.time_fields import ExactDate, ExactLocalMoment, ExactMoment, ExactTime

MAX_BASE_CHARS = 64 * 1024

Converter = TypeVar("Converter", bound=Callable[..., Any])


def converts(*names: str) -> Callable[[Converter], Converter]:
    """sqladmin's decorator, with its type."""
    return cast(Callable[[Converter], Converter], _converts(*names))


class PanelConverter(ModelConverter):
    """Exact fields for the types that the tables use; sqladmin's own for all others."""

    @converts("String", "CHAR", "Text")
    def conv_string(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        column = prop.columns[0]
        kwargs = _prepared(model, prop, kwargs)
        if choices := _choices(model, prop.key):
            return _field(fields.ChoiceField, kwargs, values=choices)
        kwargs["validators"] = [*kwargs["validators"], *_length(column)]
        return _field(fields.ExactText, kwargs, nullable=bool(column.nullable))

    conv_text = conv_string

    @converts("Integer", "BigInteger", "SmallInteger")
    def conv_integer(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(fields.ExactInteger, _prepared(model, prop, kwargs))

    @converts("Float", "Double")
    def conv_float(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(fields.ExactFloat, _prepared(model, prop, kwargs))

    @converts("Numeric")
    def conv_decimal(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        exact = getattr(prop.columns[0].type, "asdecimal", True)
        kind = fields.ExactDecimal if exact else fields.ExactFloat
        return _field(kind, _prepared(model, prop, kwargs))

    @converts("DateTime")
    def conv_datetime(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        zoned = getattr(prop.columns[0].type, "timezone", False)
        kind = ExactMoment if zoned else ExactLocalMoment
        return _field(kind, _prepared(model, prop, kwargs))

    @converts("Date")
    def conv_date(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(ExactDate, _prepared(model, prop, kwargs))

    @converts("Time")
    def conv_time(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(ExactTime, _prepared(model, prop, kwargs))

    @converts("sqlalchemy.dialects.postgresql.base.ARRAY", "sqlalchemy.sql.sqltypes.ARRAY")
    def conv_array(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        kind: Any = prop.columns[0].type
        element = element_of(kind.item_type)
        if element is None or (isinstance(kind.item_type, JSON) and (kind.dimensions or 1) > 1):
            return self.conv_read_only(model, prop, kwargs)
        return _field(ExactArray, _prepared(model, prop, kwargs), of=kind, element=element)

    async def convert(self, model: type, prop: Any, *args: Any, **kwargs: Any) -> UnboundField:
        """Take a key that joins the tables of a model for that of the first one."""
        if isinstance(prop, ColumnProperty) and len(prop.columns) > 1:
            prop = copy(prop)
            prop.columns = prop.columns[-1:]
        return await super().convert(model, prop, *args, **kwargs)

    def conv_read_only(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        prepared = {**_prepared(model, prop, kwargs), "validators": [], "default": None}
        prepared["description"] = "Cannot be edited here."
        return _field(fields.ReadOnly, prepared)

    def get_converter(self, prop: Any) -> Any:
        """A type that neither we nor sqladmin know is shown, and never written."""
        try:
            converter: Any = super().get_converter(prop)
        except NoConverterFound:
            return self.conv_read_only
        return (
            converter
            if converter.__name__ in vars(PanelConverter)
            else partial(_checked, converter)
        )

    @converts("sqlalchemy.sql.sqltypes.Uuid", "sqlalchemy.sql.sqltypes.UUID")
    def conv_uuid(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(fields.ExactUUID, _prepared(model, prop, kwargs))

    @converts("JSON", "JSONB")
    def conv_json(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        return _field(fields.ExactJSON, _prepared(model, prop, kwargs))

    @converts("Boolean")
    def conv_boolean(
        self, model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]
    ) -> UnboundField:
        if prop.columns[0].nullable:
            return _field(fields.ThreeWay, _prepared(model, prop, kwargs))
        return _field(fields.Flag, _prepared(model, prop, kwargs))


def _length(column: Any) -> list[validators.Length]:
    length = getattr(column.type, "length", None)
    return [validators.Length(max=length)] if length else []


def _checked(
    convert: Callable[..., UnboundField], *, kwargs: dict[str, Any], **own: Any
) -> UnboundField:
    return convert(kwargs={**kwargs, "validators": [*kwargs["validators"], fields.storable]}, **own)


def _field(kind: type, kwargs: dict[str, Any], **own: Any) -> UnboundField:
    return kind(**kwargs, **own)  # type: ignore[no-any-return]  # WTForms fields bind later


def _prepared(model: type, prop: ColumnProperty[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the model's own description and default."""
    column = prop.columns[0]
    prepared = {**kwargs}
    blank = ""
    if column.primary_key and column.server_default is not None:
        blank = "Blank lets the server choose."
    elif column.nullable and not isinstance(column.type, String):
        blank = "Blank is null."
    prepared["description"] = ". ".join(filter(None, [column.comment, blank]))
    if prepared.get("default") is None and not column.primary_key:
        prepared["default"] = _default(model, prop.key)
    return prepared


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
