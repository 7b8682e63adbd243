"""The base class of the seven row classes."""

from functools import cache
from typing import Annotated, Any, cast

from pydantic import TypeAdapter, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from sqlalchemy import MetaData, Table, event
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig, finish_init, is_table_model_class

from qlmodels.tables._registry import mapped


class _Attributes:
    """The attributes of a SQLModel object, whose `metadata` is its field `extra`."""

    def __init__(self, given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        return getattr(self._given, "extra" if name == "metadata" else name)


def attributes_of(given: Any) -> Any:
    """Return what fields are read from: SQLModel's objects have a MetaData for `metadata`."""
    return _Attributes(given) if isinstance(getattr(given, "metadata", 0), MetaData) else given


class Row(SQLModel, registry=mapped):
    """A row that is checked when it is made and when it is changed, not when it is loaded.

    Raises `pydantic.ValidationError` (a `ValueError`) that names the field and what it takes;
    a refused assignment leaves the row as it was.
    """

    model_config = SQLModelConfig(extra="forbid", validate_by_name=True, validate_by_alias=True)

    def __init__(self, **data: Any) -> None:
        if not is_table_model_class(type(self)) or not finish_init.get():
            super().__init__(**data)
            return
        bare = self.__dict__.copy()
        self.__pydantic_validator__.validate_python(data, self_instance=self)
        values = self.__dict__
        object.__setattr__(self, "__dict__", bare)
        for name, value in values.items():
            set_attribute(self, name, value)

    @model_validator(mode="before")
    @classmethod
    def _read_attributes(cls, given: Any) -> Any:
        return attributes_of(given)

    def __setattr__(self, name: str, value: Any) -> None:
        if is_table_model_class(type(self)) and name in type(self).model_fields:
            value = self._checked(name, value)
        super().__setattr__(name, value)

    @classmethod
    def _checked(cls, name: str, value: Any) -> Any:
        try:
            return _field_validator(cast(Any, cls), name).validate_python(value)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                cls.__name__,
                [
                    InitErrorDetails(
                        type=PydanticCustomError(
                            cast(Any, detail["type"]),
                            "{message}",
                            {"message": detail["msg"]},
                        ),
                        loc=(name, *detail["loc"]),
                        input=detail["input"],
                    )
                    for detail in error.errors()
                ],
            ) from None


@cache
def _field_validator(row: Any, name: str) -> TypeAdapter[Any]:
    field = row.model_fields[name]
    kind: Any = Annotated[field.annotation, *field.metadata]
    return TypeAdapter(kind)


@event.listens_for(Row, "after_mapper_constructed", propagate=True)
def _describe_columns(mapper: Mapper[Any], row: type[Row]) -> None:
    """Field descriptions become column comments, the first docstring line the table's."""
    table = cast(Table, mapper.local_table)
    table.comment = (row.__doc__ or "").strip().partition("\n")[0]
    for name, field in row.model_fields.items():
        mapper.columns[name].comment = field.description
