"""Code of a model gets the values that SQLAlchemy would give it, where Python has them."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from qlmodels_admin.values import ColumnText, python_value
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    Column,
    Date,
    Enum,
    Integer,
    Numeric,
    String,
    Text,
    Time,
    TypeDecorator,
)
from sqlalchemy.dialects.postgresql import INET

from tests.support.specimens import Colour


class Shouted(TypeDecorator[str]):
    impl = String
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> str:  # noqa: ARG002
        return f"{value}!"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Numeric, "9.90", Decimal("9.90")),
        (Numeric(asdecimal=False), "0.5", 0.5),
        (Date, "2030-01-31", date(2030, 1, 31)),
        (Date, "0044-03-15 BC", "0044-03-15 BC"),
        (Date, "infinity", "infinity"),
        (Time, "13:45:00.5", time(13, 45, 0, 500_000)),
        (Enum(Colour), "red", Colour.red),
        (Enum("a", "b"), "a", "a"),
        (ARRAY(Text), '{a,"b c",NULL}', ["a", "b c", None]),
        (ARRAY(Integer), "{{1,2},{3,4}}", [[1, 2], [3, 4]]),
        (ARRAY(Boolean), "{t,f}", [True, False]),
        (ARRAY(Shouted), "{a}", ["a!"]),
        (JSON, '{"a": 1.5}', {"a": 1.5}),
        (INET, "192.0.2.1", "192.0.2.1"),
    ],
)
def test_a_text_is_what_sqlalchemy_gives(kind: Any, text: str, value: Any) -> None:
    found = python_value(ColumnText(text, Column("value", kind)))
    assert found == value
    assert type(found) is type(value) or isinstance(found, ColumnText)


def test_other_values_stay() -> None:
    assert python_value(None) is None
    assert python_value(7) == 7
