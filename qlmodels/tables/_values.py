"""Which values the columns take, checked when a row is made or changed."""

import math
from types import NoneType
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    JsonValue,
    ValidationError,
)
from pydantic import Field as Constraint
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import CoreSchema, nullable_schema

from qlmodels.storable_text import unstorable

MAX_TAGS = 50

__all__ = ["AwareDatetime", "JsonValue"]


def retitled(error: ValidationError, title: str, *place: str) -> ValidationError:
    """Return the error as one of `title`, at a place within it."""
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(
                type=PydanticCustomError(
                    cast(Any, detail["type"]), "{message}", {"message": detail["msg"]}
                ),
                loc=(*place, *detail["loc"]),
                input=detail["input"],
            )
            for detail in error.errors()
        ],
    )


def _storable_text(value: str) -> str:
    if reason := unstorable(value):
        raise ValueError(reason)
    return value


def _storable_json(value: JsonValue) -> JsonValue:
    match value:
        case str():
            _storable_text(value)
        case float() if not math.isfinite(value):
            raise ValueError(f"JSON has no {value}: use null or a number")
        case list():
            for item in value:
                _storable_json(item)
        case dict():
            for key, item in value.items():
                _storable_text(key)
                _storable_json(item)
        case _:
            pass
    return value


def _not_null(value: JsonValue) -> JsonValue:
    if value is None:
        raise ValueError("a document is needed here: null says nothing")
    return value


def _but_none(kind: Any, build: GetCoreSchemaHandler) -> CoreSchema:
    (other,) = (part for part in get_args(kind) if part is not NoneType)
    return build.generate_schema(other)


T = TypeVar("T")

FromServer = Annotated[T, GetPydanticSchema(lambda kind, build: nullable_schema(build(kind)))]
"""None until the row is stored: the server sets the value."""

MomentOrNow = FromServer[AwareDatetime]
"""Where none is given the server sets its own time."""

NotNullIfGiven = Annotated[T | None, GetPydanticSchema(_but_none)]
"""A value that may be left out, which is None, and may not be given as null."""

PlainText = Annotated[str, AfterValidator(_storable_text)]
Name50 = Annotated[str, Constraint(min_length=1, max_length=50), AfterValidator(_storable_text)]
Name100 = Annotated[str, Constraint(min_length=1, max_length=100), AfterValidator(_storable_text)]
Name200 = Annotated[str, Constraint(min_length=1, max_length=200), AfterValidator(_storable_text)]
Tags = Annotated[list[Name50], Constraint(max_length=MAX_TAGS)]
AgentTypeName = Annotated[str, Constraint(pattern=r"^[a-z][a-z0-9-]{0,49}$")]
Hash = Annotated[str, Constraint(min_length=1, max_length=64), AfterValidator(_storable_text)]
_AnyJson = Annotated[Any, GetPydanticSchema(lambda _, handler: handler.generate_schema(JsonValue))]
"""Checked as JSON, and to type checkers Any: `pattern.pattern_data["b"] = 2` is no error."""

StorableJson = Annotated[_AnyJson, AfterValidator(_storable_json)]
JsonNotNull = Annotated[_AnyJson, AfterValidator(_storable_json), AfterValidator(_not_null)]
StorableObject = Annotated[dict[str, JsonValue], AfterValidator(_storable_json)]
Documents = Annotated[list[JsonValue], AfterValidator(_storable_json)]
ListsOfDocuments = Annotated[list[list[JsonValue]], AfterValidator(_storable_json)]
Finite = Annotated[float, Constraint(allow_inf_nan=False)]
Rate = Annotated[float, Constraint(ge=0, le=1)]
PositiveFinite = Annotated[float, Constraint(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Constraint(ge=0, allow_inf_nan=False)]
NotNegativeCount = Annotated[int, Constraint(ge=0, le=2**31 - 1)]
PositiveCount = Annotated[int, Constraint(ge=1, le=2**31 - 1)]
BigCount = Annotated[int, Constraint(ge=0, le=2**63 - 1)]
BigInt = Annotated[int, Constraint(ge=-(2**63), le=2**63 - 1)]
