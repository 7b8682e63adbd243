"""Values that Postgres wrote as text, as the Python that a user's model expects."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ARRAY, Enum, TypeDecorator
from sqlalchemy.types import TypeEngine

from qlmodels.ddl.dialect import DIALECT
from qlmodels_admin.values.array_text import parse_array
from qlmodels_admin.values.column_text import ColumnText
from qlmodels_admin.values.column_types import database_type, type_family
from qlmodels_admin.values.exact_json import load_json, plain_value

_READ: Final[Mapping[type, Callable[[str], Any]]] = {
    Decimal: Decimal,
    bool: lambda text: text == "t",
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    float: float,
    int: int,
    time: time.fromisoformat,
}


def python_value(value: Any) -> Any:
    """Return the value of a column as code of its model gets it from SQLAlchemy.

    What Python cannot hold, such as a date BC, stays the text that Postgres wrote.
    """
    if not isinstance(value, ColumnText):
        return value
    try:
        return _of_type(str(value), value.column.type)
    except (ValueError, ArithmeticError, LookupError):
        return value


def _of_type(text: str, kind: TypeEngine[Any]) -> Any:
    inner = database_type(kind)
    found: Any
    if isinstance(inner, ARRAY):
        found = _elements(parse_array(text), inner.item_type)
    elif isinstance(inner, Enum):
        processor: Any = inner.result_processor(DIALECT, None)  # type: ignore[no-untyped-call]
        found = processor(text) if processor else text
    elif type_family(inner).field == "json":
        found = plain_value(load_json(text))
    else:
        found = _READ.get(_python_type(inner), str)(text)
    return kind.process_result_value(found, DIALECT) if isinstance(kind, TypeDecorator) else found


def _elements(items: list[Any], kind: TypeEngine[Any]) -> list[Any]:
    return [
        _elements(item, kind)
        if isinstance(item, list)
        else (None if item is None else _of_type(item, kind))
        for item in items
    ]


def _python_type(kind: TypeEngine[Any]) -> type:
    try:
        return kind.python_type
    except NotImplementedError:
        return str
