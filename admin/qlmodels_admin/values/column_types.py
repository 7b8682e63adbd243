"""The families of column types: how each is read, shown, edited and ordered, as data."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    REAL,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Time,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql.ranges import AbstractMultiRange, AbstractRange
from sqlalchemy.types import TypeEngine

from qlmodels.ddl.dialect import DIALECT


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFamily:
    """Types that the panel treats alike."""

    name: str
    types: tuple[type, ...]
    example: str = ""
    """How a value is typed into a form."""

    by_text: bool = True
    """Postgres itself writes and reads the values, as psql shows them: Python has no value of its
    own for each of them (infinity, BC, microseconds at 24:00, 1 year 2 months)."""

    kind: str = "text"
    """How a value is shown: text, number, moment, flag, uuid or json."""

    field: str = "line"
    """What edits it: words, line, number, float, moment, local, flag, uuid, json, choice, array or
    bytes."""

    is_words: bool = False
    """Text that people wrote: an export guards it against spreadsheets, a search looks at it."""

    takes_empty: bool = False
    """The empty text is a value, so a box beside the field stands for NULL."""

    is_ordered: bool = True
    """Postgres sorts and compares it; what it does not is sorted and compared by its text."""

    has_json: bool = True
    """JSON Lines hold it as `to_json` writes it, and an array of it as a list; else its text."""

    read_only: str = ""
    """Why a form shows it and never writes it."""


MAX_REAL_BITS: Final = 24
"""Precision of a float that is a `real`; more is double precision."""

FAMILIES: Final = (
    TypeFamily(name="enum", types=(Enum,), field="choice", is_words=True),
    TypeFamily(
        name="char(n), citext",
        types=(CHAR, pg.CITEXT),
        field="words",
        is_words=True,
        takes_empty=True,
    ),
    TypeFamily(
        name="text, varchar",
        types=(String,),
        by_text=False,
        field="words",
        is_words=True,
        takes_empty=True,
    ),
    TypeFamily(name="integers", types=(Integer,), by_text=False, kind="number", field="number"),
    TypeFamily(name="real", types=(Float,), example="-0.25, 1e-3 or NaN", kind="number"),
    TypeFamily(
        name="double precision", types=(Float,), by_text=False, kind="number", field="float"
    ),
    TypeFamily(name="numeric", types=(Numeric,), example="-0.25, 1e-3 or NaN", kind="number"),
    TypeFamily(name="boolean", types=(Boolean,), by_text=False, kind="flag", field="flag"),
    TypeFamily(name="uuid", types=(Uuid,), by_text=False, kind="uuid", field="uuid"),
    TypeFamily(name="uuid as text", types=(Uuid,), kind="uuid"),
    TypeFamily(
        name="json",
        types=(JSON,),
        kind="json",
        field="json",
        is_ordered=False,
    ),
    TypeFamily(name="jsonb", types=(pg.JSONB,), by_text=False, kind="json", field="json"),
    TypeFamily(
        name="timestamp with time zone",
        types=(DateTime,),
        by_text=False,
        kind="moment",
        field="moment",
    ),
    TypeFamily(name="timestamp", types=(DateTime,), example="2030-01-31 13:45:00.5", field="local"),
    TypeFamily(name="date", types=(Date,), example="2030-01-31, 0044-03-15 BC or infinity"),
    TypeFamily(name="time, timetz", types=(Time,), example="13:45:00.5"),
    TypeFamily(
        name="interval", types=(Interval, pg.INTERVAL), example="1 year 2 mons 3 days 04:05:06"
    ),
    TypeFamily(name="bytea", types=(LargeBinary,), example=r"\x00ff", field="bytes"),
    TypeFamily(name="bit, varbit", types=(pg.BIT,), example="10110", takes_empty=True),
    TypeFamily(
        name="inet, cidr, macaddr",
        types=(pg.INET, pg.CIDR, pg.MACADDR, pg.MACADDR8),
        example="192.0.2.0/24",
    ),
    TypeFamily(
        name="hstore",
        types=(pg.HSTORE,),
        example='"key"=>"value", "none"=>NULL',
        takes_empty=True,
        has_json=False,
    ),
    TypeFamily(name="multiranges", types=(AbstractMultiRange,), example="{[1,5), [7,9)}"),
    TypeFamily(name="ranges", types=(AbstractRange,), example="[1,5), (,5] or empty"),
    TypeFamily(
        name="tsvector",
        types=(pg.TSVECTOR,),
        read_only="Not edited here: Postgres makes it from a text.",
    ),
    TypeFamily(name="money", types=(pg.MONEY,), example="12.50", kind="number"),
    TypeFamily(name="oid", types=(pg.OID, pg.REGCLASS), example="12345", kind="number"),
    TypeFamily(name="arrays", types=(ARRAY,), field="array"),
    TypeFamily(
        name="other types", types=(object,), takes_empty=True, is_ordered=False, has_json=False
    ),
)
"""The first whose `types` a column's type is an instance of, and that `_fits`."""


def database_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type that Postgres has beneath a TypeDecorator, a variant or a domain."""
    while True:
        if isinstance(kind, Interval):
            return pg.INTERVAL()
        if isinstance(kind, TypeDecorator):
            kind = kind.load_dialect_impl(DIALECT)
        elif isinstance(kind, pg.DOMAIN):
            kind = kind.data_type
        else:
            return kind.dialect_impl(DIALECT) if kind._variant_mapping else kind


def family_of(column: Column[Any]) -> TypeFamily:
    """Return the family of a column's type."""
    return type_family(column.type)


def type_family(kind: TypeEngine[Any]) -> TypeFamily:
    inner = database_type(kind)
    return next(
        family for family in FAMILIES if isinstance(inner, family.types) and _fits(family, inner)
    )


def _fits(family: TypeFamily, kind: TypeEngine[Any]) -> bool:
    match kind:
        case pg.JSONB():
            return family.name == "jsonb"
        case Float():
            bits = kind.precision
            single = isinstance(kind, REAL) or (bits is not None and bits <= MAX_REAL_BITS)
            return family.name == ("real" if single or kind.asdecimal else "double precision")
        case DateTime():
            return family.name == "timestamp" + " with time zone" * kind.timezone
        case Uuid():
            return family.by_text is not kind.as_uuid
        case _:
            return True


def is_ordered(column: Column[Any]) -> bool:
    """Return whether Postgres sorts and compares the column: a key, or a type that it orders."""
    kind = database_type(column.type)
    family = type_family(kind.item_type if isinstance(kind, ARRAY) else kind)
    return column.primary_key or family.is_ordered
