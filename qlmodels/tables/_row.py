"""The base class of the seven row classes."""

from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Annotated, Any, Final, Self, cast

from pydantic import BaseModel, TypeAdapter, ValidationError, model_validator
from sqlalchemy import MetaData, Table, event, inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstanceState, Mapper
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig, finish_init, is_table_model_class, partial_init

from qlmodels.tables._documents import displace, place
from qlmodels.tables._registry import RowMetaclass, mapped
from qlmodels.tables._values import retitled

_ATTRIBUTES: Final = {"metadata": "extra"}
"""Attributes by the names of their columns, where those differ."""


class _Attributes:
    """The attributes of a SQLModel object, whose `metadata` is its field `extra`."""

    def __init__(self, given: Any) -> None:
        self._given = given

    def __getattr__(self, name: str) -> Any:
        return getattr(self._given, _ATTRIBUTES.get(name, name))


def attributes_of(given: Any) -> Any:
    """Return what fields are read from: SQLModel's objects have a MetaData for `metadata`."""
    return _Attributes(given) if isinstance(getattr(given, "metadata", 0), MetaData) else given


class Row(SQLModel, registry=mapped, metaclass=RowMetaclass):
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
            set_attribute(self, name, self._checked(name, value))
            self.model_fields_set.add(name)
        else:
            super().__setattr__(name, value)

    def sqlmodel_update(
        self, obj: dict[str, Any] | BaseModel, *, update: dict[str, Any] | None = None
    ) -> Self:
        """Set what `obj` and `update` have, by names of attributes or of columns (`metadata`)."""
        given = {_ATTRIBUTES.get(k, k): v for k, v in obj.items()} if isinstance(obj, dict) else obj
        more = {_ATTRIBUTES.get(k, k): v for k, v in (update or {}).items()}
        return super().sqlmodel_update(given, update=more)

    def __copy__(self) -> Self:
        """Return a new row with the same values, of no session; its documents are its own."""
        if not is_table_model_class(type(self)):
            return super().__copy__()
        with partial_init():
            copied = type(self)()
        for name in type(self).model_fields.keys() & self.__dict__.keys():
            set_attribute(copied, name, self.__dict__[name])
        copied.model_fields_set.update(self.model_fields_set)
        return copied

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return copy(self) if is_table_model_class(type(self)) else super().__deepcopy__(memo)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a new row with the same values but those of `update`, which are checked."""
        copied = super().model_copy(deep=deep)
        for name, value in (update or {}).items():
            setattr(copied, name, value)
        return copied

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        _follow_loaded(inspect(self))

    @classmethod
    def _checked(cls, name: str, value: Any) -> Any:
        try:
            return _field_validator(cast(Any, cls), name).validate_python(value)
        except ValidationError as error:
            raise retitled(error, cls.__name__, name) from None


@cache
def _field_validator(row: Any, name: str) -> TypeAdapter[Any]:
    field = row.model_fields[name]
    kind: Any = Annotated[field.annotation, *field.metadata]
    return TypeAdapter(kind)


@event.listens_for(Row, "after_mapper_constructed", propagate=True)
def _describe_columns(mapper: Mapper[Any], row: type[Row]) -> None:
    """Field descriptions become column comments, the first docstring line the table's."""
    if mapper.inherits is not None:
        return
    table = cast(Table, mapper.local_table)
    table.comment = (row.__doc__ or "").strip().partition("\n")[0]
    for name, field in row.model_fields.items():
        mapper.columns[name].comment = field.description


def _documents_of(mapper: Mapper[Any]) -> list[str]:
    return [part.key for part in mapper.column_attrs if isinstance(part.columns[0].type, JSONB)]


@event.listens_for(Row, "load", raw=True, propagate=True)
@event.listens_for(Row, "refresh", raw=True, propagate=True)
@event.listens_for(Row, "refresh_flush", raw=True, propagate=True)
def _follow_loaded(state: InstanceState[Any], *_: Any) -> None:
    """Have changes within documents seen."""
    row = state.obj()
    for name in _documents_of(state.mapper):
        if name in state.dict:
            state.dict[name] = place(row, name, state.dict[name])


@event.listens_for(Row, "mapper_configured", propagate=True)
def _follow_assigned(mapper: Mapper[Any], row: type[Row]) -> None:
    def assign(state: InstanceState[Any], value: Any, former: Any, token: Any) -> Any:
        displace(former)
        return place(state.obj(), token.key, value)

    for name in _documents_of(mapper):
        event.listen(getattr(row, name), "set", assign, raw=True, retval=True)
