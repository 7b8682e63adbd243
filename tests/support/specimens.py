"""One column of each type that a table in the panel may have, and values at its ends."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from qlmodels_admin.values import TypeFamily, family_of, is_ordered
from sqlalchemy import (
    ARRAY,
    CHAR,
    JSON,
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Enum,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.types import UserDefinedType


class Named(UserDefinedType[str]):
    """A type that SQLAlchemy has no class for."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class Colour(enum.Enum):
    red = 1
    blue = 2


ODD_LABELS: Final = ('with "quotes"', "a, comma", "it's", "{braces}", "=1+1", "null", "")
CREATE_TYPES: Final = """
    create extension if not exists hstore;
    create extension if not exists citext;
    create type specimen_colour as enum ('red', 'blue');
    create type specimen_odd as enum ('with "quotes"', 'a, comma', 'it''s', '{braces}', '=1+1',
        'null', '');
    create type specimen_pair as (name text, size int);
    create domain specimen_positive as int check (value > 0);
    create domain specimen_short as varchar(5) check (value <> 'bad');
    create domain specimen_numbers as int[] check (array_length(value, 1) < 5);
    create domain specimen_day as date check (value > date '-infinity');
"""
DROP_TYPES: Final = """
    drop domain specimen_positive, specimen_short, specimen_numbers, specimen_day;
    drop type specimen_colour, specimen_odd, specimen_pair;
"""

LONG: Final = "long " * 900
MANY_BYTES: Final = r"\x" + "7e" * 900
DEFLATED: Final = "x" * 90_000
"""A key that an index takes, for it is compressed, and no URL does."""


@dataclass(frozen=True)
class Specimen:
    """A column's type, and values of it as psql shows them, in UTC."""

    name: str
    kind: Any
    values: Sequence[str]
    refused: Sequence[str] = ()
    """Texts that are none of its values."""

    keys: Sequence[str] = field(default=())
    """Values of a key beside `values`."""

    is_key: bool = True
    """Whether Postgres takes it as a key."""

    library: str = ""
    """What a server must have been built with to read its values."""

    @property
    def column(self) -> Column[Any]:
        return Column("value", self.kind)

    @property
    def family(self) -> TypeFamily:
        return family_of(self.column)

    @property
    def is_ordered(self) -> bool:
        return is_ordered(self.column)

    def __str__(self) -> str:
        return self.name


TEXTS: Final = '{a,"b\\"c","",NULL,"NULL","x\ny","{","a,b"," c "}'
UUID_A = "11111111-1111-4111-8111-111111111111"
DIGITS = "12345678901234567890123456789012345678"
BC, FAR = "0044-03-15 BC", "5874897-12-31"

SPECIMENS: Final = (
    Specimen("smallint", SmallInteger, ("-32768", "0", "32767"), ("32768", "x", "1.5")),
    Specimen("integer", Integer, ("-2147483648", "7", "2147483647"), ("2147483648", "x")),
    Specimen("bigint", BigInteger, (str(-(2**63)), "0", str(2**63 - 1)), (str(2**63), "x")),
    Specimen(
        "numeric",
        Numeric,
        (
            DIGITS,
            "-0.00000000000000000000000000000000000001",
            "NaN",
            "Infinity",
            "-Infinity",
            "1.10",
        ),
        ("x", "1 2"),
    ),
    Specimen(
        "numeric_38_10",
        Numeric(38, 10),
        ("1234567890123456789012345678.0123456789", "-0.0000000001"),
        (DIGITS, "x"),
    ),
    Specimen("real", REAL, ("0.1", "-3.4028235e+38", "1e-45", "NaN", "Infinity"), ("1e39", "x")),
    Specimen(
        "double",
        Double,
        ("0.1", "5e-324", "-1.7976931348623157e+308", "NaN", "Infinity", "-Infinity", "100000"),
        ("1e400", "x"),
    ),
    Specimen("money", pg.MONEY, ("$12.50", "-$92,233,720,368,547,758.08"), ("x",)),
    Specimen("boolean", Boolean, ("true", "false")),
    Specimen(
        "text",
        Text,
        (
            "",
            " spaces ",
            "null",
            "NULL",
            "two\nlines",
            "=1+1",
            "'=x",
            "ünï;\\",
            ".",
            "..",
            "a/b?c#d%2F",
        ),
        (),
        (LONG, DEFLATED, "..;\\~"),
    ),
    Specimen("varchar_5", String(5), ("", "abcde", "  "), ("abcdef",)),
    Specimen("char_5", CHAR(5), ("", "ab", "abcde"), ("abcdef",)),
    Specimen("quoted_char", Named('"char"'), ("", "a", "Z")),
    Specimen("citext", pg.CITEXT, ("", "Ada", "@x", "-1"), (), (LONG,)),
    Specimen(
        "date",
        Date,
        (BC, "-infinity", "infinity", "0001-01-01", "2030-01-31", FAR),
        ("2030-02-31", "x"),
    ),
    Specimen("time", Time, ("00:00:00", "13:45:00.123456", "24:00:00"), ("24:00:01", "x")),
    Specimen("timetz", Time(timezone=True), ("13:45:00.5+02", "24:00:00-15:59"), ("25:00+00",)),
    Specimen(
        "timestamp",
        DateTime,
        (
            f"{BC[:10]} 00:00:00 BC",
            "-infinity",
            "infinity",
            "2030-01-31 13:45:00.123456",
            "294276-12-31 23:59:59.999999",
        ),
        ("2030-02-31 00:00", "2030-01-31 13:45:00+02", "x"),
    ),
    Specimen("timestamp_0", pg.TIMESTAMP(precision=0), ("2030-01-31 13:45:01",), ("x",)),
    Specimen(
        "timestamptz",
        DateTime(timezone=True),
        (
            f"{BC[:10]} 00:00:00+00 BC",
            "-infinity",
            "infinity",
            "0001-01-01 00:00:00+00",
            "2030-01-31 13:45:00.123456+00",
            "12030-01-31 13:45:00+00",
        ),
        ("2030-02-31 00:00", "soon"),
    ),
    Specimen(
        "interval",
        Interval,
        ("1 year 2 mons", "-00:00:01.5", "428 days", "00:00:00", "178000000 years"),
        ("1 fortnite", "x"),
    ),
    Specimen("uuid", Uuid, (UUID_A, "ffffffff-ffff-ffff-ffff-ffffffffffff"), ("x",)),
    Specimen("uuid_as_text", Uuid(as_uuid=False), (UUID_A,), ("x",)),
    Specimen("enum", Enum(Colour, name="specimen_colour"), ("red", "blue"), ("green",)),
    Specimen("odd_enum", Enum(*ODD_LABELS, name="specimen_odd"), ODD_LABELS, ("green",)),
    Specimen("enum_not_native", Enum("a", "b, c", native_enum=False), ("a", "b, c")),
    Specimen(
        "json",
        JSON,
        ('{"a":  1}', "null", "[1.10, 1e400]", '"x"', '{"b": {"a": 1}}'),
        ("{", "NaN"),
        is_key=False,
    ),
    Specimen(
        "jsonb",
        pg.JSONB,
        ("{}", "[]", "[1.10, 2]", '"x"', '{"a": [null, {"b": "ü"}]}', DIGITS),
        ("{", "1e200000", '"\\u0000"'),
    ),
    Specimen("hstore", pg.HSTORE, ('"a"=>"1"', '"a"=>NULL, "b"=>"x, \\"y\\""', ""), ("a=>",)),
    Specimen("inet", pg.INET, ("192.0.2.1/32", "192.0.2.7/24", "2001:db8::/32"), ("300.0.0.1",)),
    Specimen("cidr", pg.CIDR, ("192.0.2.0/24", "::/0"), ("192.0.2.7/24",)),
    Specimen("macaddr", pg.MACADDR, ("08:00:2b:01:02:03",), ("08:00",)),
    Specimen(
        "bytea", LargeBinary, (r"\x", r"\x00ff", r"\x3b5c27"), (r"\x0",), (r"\x" + "7e" * 900,)
    ),
    Specimen("bit_5", pg.BIT(5), ("10110", "00000"), ("1011", "101101", "2")),
    Specimen("varbit", pg.BIT(varying=True), ("", "1", "10110"), ("2",)),
    Specimen("int4range", pg.INT4RANGE, ("empty", "[1,5)", "(,5)", "[1,)", "(,)"), ("[5,1)", "x")),
    Specimen("numrange", pg.NUMRANGE, ("(1.10,2.0]", f"[{DIGITS},)"), ("x",)),
    Specimen("tstzrange", pg.TSTZRANGE, ('["2030-01-31 13:45:00+00",infinity)',), ("x",)),
    Specimen("daterange", pg.DATERANGE, ("[-infinity,2030-01-31)", "empty"), ("x",)),
    Specimen("int4multirange", pg.INT4MULTIRANGE, ("{}", "{[1,5),[7,9)}"), ("x",)),
    Specimen("tsvector", pg.TSVECTOR, ("'a':1 'b':2", "'it''s'")),
    Specimen("oid", pg.OID, ("0", "4294967295"), ("x",)),
    Specimen("xml", Named("xml"), ("<a>b</a>", "<a/>"), ("<a>",), is_key=False, library="libxml"),
    Specimen("point", Named("point"), ("(1,2.5)", "(NaN,-1)"), ("x",), is_key=False),
    Specimen(
        "composite", Named("specimen_pair"), ('("a, b",7)', "(,)", '("say ""x""",)'), ("(1)", "x")
    ),
    Specimen(
        "domain",
        pg.DOMAIN("specimen_positive", Integer()),
        ("1", "2147483647"),
        ("0", "x", "2147483648"),
    ),
    Specimen(
        "text_domain", pg.DOMAIN("specimen_short", String(5)), ("", "abcde"), ("abcdef", "bad")
    ),
    Specimen(
        "date_domain", pg.DOMAIN("specimen_day", Date()), ("infinity", BC), ("-infinity", "x")
    ),
    Specimen(
        "array_domain",
        pg.DOMAIN("specimen_numbers", ARRAY(Integer)),
        ("{1,NULL}", "{}"),
        ("[1,2,3,4,5]", "[2147483648]"),
    ),
    Specimen(
        "integers",
        ARRAY(Integer),
        ("{1,2,3}", "{}", "{{1,2},{3,NULL}}", "[5:6]={1,2}"),
        ("[1.5]", "[2147483648]", "[[1], [2, 3]]", "1", "{x}"),
    ),
    Specimen("numerics", ARRAY(Numeric), (f"{{1.10,NaN,{DIGITS},NULL}}",), ('["x"]',)),
    Specimen("doubles", ARRAY(Double), ("{0.1,NaN,Infinity,1e-300,NULL}",), ("[1e400]",)),
    Specimen("booleans", ARRAY(Boolean), ("{t,f,NULL}",), ('["perhaps"]',)),
    Specimen(
        "texts",
        ARRAY(Text),
        ('{a,"b\\"c","",NULL,"NULL","x\ny","{","a,b"," c "}', "{{a},{b}}", "{}"),
        ('["a", ["b"]]', "[1]", "x"),
    ),
    Specimen("varchars", ARRAY(String(5)), ("{abcde}",), ('["abcdef"]',)),
    Specimen("dates", ARRAY(Date), (f'{{infinity,"{BC}",2030-01-31,NULL}}',), ('["2030-02-31"]',)),
    Specimen(
        "timestamps",
        ARRAY(DateTime(timezone=True)),
        ('{"2030-01-31 13:45:00.5+00",-infinity}',),
        ('["soon"]',),
    ),
    Specimen("intervals", ARRAY(Interval), ('{"1 year 2 mons",00:00:01}',), ('["x"]',)),
    Specimen("uuids", ARRAY(Uuid), (f"{{{UUID_A},NULL}}",), ('["x"]',)),
    Specimen(
        "enums",
        ARRAY(Enum(*ODD_LABELS, name="specimen_odd")),
        ('{"with \\"quotes\\"","a, comma",it\'s,"{braces}","null","",NULL}',),
        ('["green"]',),
    ),
    Specimen(
        "documents",
        ARRAY(pg.JSONB),
        ('{"{\\"a\\": 1.10}",NULL,"null","[1, 2]"}', '{"[1, [2]]","\\"x\\""}', "{{1},{2}}"),
        ('[{"a": 1, "a": 2}]', '["\\u0000"]'),
    ),
    Specimen("byteas", ARRAY(LargeBinary), ('{"\\\\x00ff",NULL}',), ('["\\\\x0"]',)),
    Specimen("ranges", ARRAY(pg.INT4RANGE), ('{"[1,5)",empty}',), ('["x"]',)),
    Specimen("inets", ARRAY(pg.INET), ("{192.0.2.0/24,NULL}",), ('["x"]',)),
    Specimen("composites", ARRAY(Named("specimen_pair")), ('{"(\\"a, b\\",7)",NULL}',), ('["x"]',)),
    Specimen("hstores", ARRAY(pg.HSTORE), ('{"\\"a\\"=>NULL",""}',), ('["a=>"]',)),
)

BY_NAME: Final = {specimen.name: specimen for specimen in SPECIMENS}
