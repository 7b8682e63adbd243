"""Rows as objects of their class, and what names an object for people."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import inspect
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import set_committed_value

from qlmodels_admin.mapping.attributes import key_names, label_name


def object_of(model: type, row: Mapping[str, Any]) -> Any:
    """Return an object of `model` that holds a row's values; it belongs to no session."""
    mapper: Mapper[Any] = inspect(model)
    made = mapper.class_manager.new_instance()
    for name in mapper.column_attrs.keys():  # noqa: SIM118  # not a dictionary
        if name in row:
            set_committed_value(made, name, row[name])
    return made


def object_label(item: Any) -> str:
    """Return what names an object: its class's own words, else its name, else its key.

    >>> object_label(Author(id=7, name="Ada"))
    'Ada'
    """
    if _speaks_for_itself(type(item)):
        return str(item)
    mapper: Mapper[Any] = inspect(type(item))
    name = label_name(mapper)
    if name is not None and (value := getattr(item, name)) is not None:
        return str(value)
    return ", ".join(str(getattr(item, part)) for part in key_names(mapper))


def _speaks_for_itself(kind: type) -> bool:
    """Return whether a class was given words of its own: those of dataclasses are none."""
    for part in kind.__mro__:
        own = vars(part)
        if part is BaseModel or part is object:
            return False
        if "__str__" in own:
            return not part.__module__.startswith(("sqlmodel.", "pydantic."))
        if "__repr__" in own:
            made = dataclasses.is_dataclass(part) and part.__dataclass_params__.repr  # type: ignore[attr-defined]
            return not made and not part.__module__.startswith(("sqlmodel.", "pydantic."))
    return False
