"""Strategies for the arguments of the store: values that each kind takes, and any value at all."""

import enum
import functools
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from hypothesis import strategies as st

from qlmodels.store import Document, Hashed, epsilon_greedy, greedy, softmax, ucb
from qlmodels.store.plain import MAX_WHOLE
from tests.store.operations import PATTERN, SESSION, TRAJECTORY
from tests.store.samples import BAD, GOOD, Unwilling
from tests.support import arguments as table


class Given(NamedTuple):
    """A value that is taken, and the plain one that it stands for."""

    value: Any
    plain: Any


def member(value: Any) -> Any:
    """A member of an enumeration of its own."""
    return enum.Enum("Member", {"ONLY": value}).ONLY  # type: ignore[attr-defined]


# -- documents -----------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
WHOLE = st.integers(-MAX_WHOLE, MAX_WHOLE)


def _same(value: Any) -> Given:
    return Given(value, value)


SCALARS: st.SearchStrategy[Given] = st.one_of(
    st.none().map(_same),
    st.booleans().map(_same),
    WHOLE.map(_same),
    FINITE.map(_same),
    TEXT.map(_same),
    st.integers(-(2**31), 2**31 - 1).map(lambda number: Given(np.int64(number), number)),
    st.integers(0, 255).map(lambda number: Given(np.uint8(number), number)),
    st.integers(0, 255).map(lambda number: Given(np.array(number), number)),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(
        lambda number: Given(np.float32(number), number)
    ),
    FINITE.map(lambda number: Given(np.float64(number), number)),
    st.booleans().map(lambda flag: Given(np.bool_(flag), flag)),
    TEXT.filter(lambda text: not text.endswith("\0")).map(lambda text: Given(np.str_(text), text)),
    WHOLE.map(lambda number: Given(Decimal(number), number)),
    st.decimals(-1000, 1000, places=2).map(lambda number: Given(number, float(number))),
    st.uuids().map(lambda key: Given(key, str(key))),
    TEXT.map(lambda text: Given(member(text), text)),
    WHOLE.map(lambda number: Given(member(number), number)),
    st.lists(FINITE, max_size=3).map(lambda numbers: Given(np.array(numbers), numbers)),
    st.sampled_from(GOOD[table.DOCUMENT]).map(lambda pair: Given(*pair)),
)


def _listed(items: list[Given]) -> Given:
    return Given([item.value for item in items], [item.plain for item in items])


def _as_tuple(items: list[Given]) -> Given:
    return Given(tuple(item.value for item in items), [item.plain for item in items])


def _as_object(items: dict[str, Given]) -> Given:
    return Given(
        {key: item.value for key, item in items.items()},
        {key: item.plain for key, item in items.items()},
    )


DOCUMENTS: st.SearchStrategy[Given] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(_listed),
        st.lists(inner, max_size=3).map(_as_tuple),
        st.dictionaries(TEXT, inner, max_size=3).map(_as_object),
        inner.map(lambda one: Given(member(one.value), one.plain)),
    ),
    max_leaves=6,
)


# -- what each kind takes ------------------------------------------------------------------------


def _numbers(low: float, high: float, **bounds: Any) -> st.SearchStrategy[Any]:
    plain = st.floats(low, high, **bounds)
    return st.one_of(
        plain,
        plain.map(np.float64),
        plain.map(np.array),
        plain.map(member),
        plain.map(Decimal),
        plain.map(Fraction),
        st.sampled_from([1, True, np.int8(1), np.bool_(True)]),
    )


def _wholes(low: int, high: int) -> st.SearchStrategy[Any]:
    plain = st.integers(low, high)
    return st.one_of(
        plain,
        plain.map(np.int64),
        plain.map(np.array),
        plain.map(member),
        plain.map(Decimal),
        plain.map(Fraction),
        st.integers(low, min(high, MAX_WHOLE)).map(float),
    )


def _texts(longest: int) -> st.SearchStrategy[Any]:
    plain = st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
        min_size=1,
        max_size=longest,
    )
    return st.one_of(plain, plain.map(np.str_), plain.map(member))


FLAGS = st.booleans().flatmap(
    lambda flag: st.sampled_from([flag, np.bool_(flag), np.array(flag), member(flag)])
)
LEGAL = ("a", "b")
"""The actions that policies of next states speak of."""

POLICIES = st.one_of(
    st.builds(greedy),
    st.builds(epsilon_greedy, _numbers(0, 1)),
    st.builds(softmax, _numbers(1e-100, 1e100)),
    st.floats(0, 1).map(lambda share: {"a": share, member("b"): 1 - share}),
    st.floats(0, 1).map(lambda share: iter([(np.str_("a"), Decimal(share)), ("b", 1 - share)])),
)
CHOOSERS = st.one_of(
    st.builds(greedy),
    st.builds(epsilon_greedy, _numbers(0, 1)),
    st.builds(softmax, _numbers(1e-100, 1e100)),
    st.builds(ucb, _numbers(0, 1e6)),
)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=OFFSETS)
PATIENCES = _numbers(5, 1e9)
"""Less would be too little for a busy machine."""

TAKEN: Mapping[table.Kind, st.SearchStrategy[Any]] = {
    table.DOCUMENT: DOCUMENTS.map(lambda given: given.value),
    table.STATE: DOCUMENTS.map(lambda given: given.value),
    table.ACTION: DOCUMENTS.map(lambda given: given.value),
    table.ACTIONS: st.one_of(
        st.lists(DOCUMENTS.map(lambda given: given.value), min_size=1, max_size=3),
        st.sampled_from(GOOD[table.ACTIONS]).map(lambda pair: pair[0]),
        st.lists(TEXT, min_size=1, max_size=3).map(np.array),
        st.lists(TEXT, min_size=1, max_size=3).map(set),
        st.lists(TEXT, min_size=1, max_size=3).map(iter),
    ),
    table.NUMBER: _numbers(-1e100, 1e100),
    table.RATE: _numbers(0, 1),
    table.NOT_NEGATIVE: _numbers(0, 1e100),
    table.POSITIVE: _numbers(0, 1e100, exclude_min=True),
    table.COUNT: _wholes(0, 2**31 - 1),
    table.COUNT_FROM_1: _wholes(1, 2**31 - 1),
    table.BIGINT: _wholes(-(2**63), 2**63 - 1),
    table.FLAG: FLAGS,
    table.TEXT: _texts(50),
    table.WORDS: _texts(300),
    table.TIME: TIMES,
    table.MAPPING: st.dictionaries(TEXT, DOCUMENTS.map(lambda given: given.value), max_size=3),
    table.FUNCTION: st.sampled_from([str, repr, lambda state: [str(state)]]),
    table.GENERATOR: st.randoms(use_true_random=False),
    table.CHOOSER: CHOOSERS,
    table.POLICY: POLICIES,
    table.TARGET: st.one_of(
        st.builds(epsilon_greedy, _numbers(0, 1)), st.builds(softmax, _numbers(1e-100, 1e100))
    ),
    table.TEXTS: st.lists(_texts(50), max_size=3),
    table.NUMBERS: st.one_of(
        st.lists(_numbers(-1e100, 1e100), min_size=1, max_size=1),
        st.lists(FINITE, min_size=1, max_size=1).map(np.array),
    ),
    table.LEGAL: st.sampled_from([["a", "b"], [["a", "b"]], np.array(["a"]), [[0, 1]], None]),
    table.TAKEN: st.lists(DOCUMENTS.map(lambda given: given.value), min_size=1, max_size=1),
    table.STATES: st.lists(DOCUMENTS.map(lambda given: given.value), min_size=1, max_size=2),
}
SPECIAL: Mapping[str, st.SearchStrategy[Any]] = {
    "session": st.sampled_from([SESSION, member(SESSION)]),
    "trajectory_id": st.sampled_from([TRAJECTORY, member(TRAJECTORY)]),
    "Episode.trajectory_id": st.uuids(version=4),
    "parent": st.sampled_from([PATTERN, member(PATTERN)]),
    "pattern_id": st.sampled_from([PATTERN, member(PATTERN)]),
    "reward_type": st.sampled_from(["immediate", "shaping", np.str_("delayed")]),
    "finish_session.status": st.sampled_from(["completed", np.str_("failed")]),
    "heartbeat.status": st.sampled_from(["active", member("idle")]),
    "replay.by": st.sampled_from(["uniform", "priority", member("uniform")]),
    "environment": st.just("development"),
    "patience": PATIENCES,
    "delay": _numbers(0, 1e9),
    "batch_size": _wholes(1, 50),
    "trigger_conditions": st.sampled_from(
        [{"at": 1}, {"at": {"$gt": np.float64(1)}}, {"$not": {"x": {"$exists": True}}}, {}]
    ),
}
"""Arguments that take less than their kind, in these tests."""


# -- any value -----------------------------------------------------------------------------------


class Failing:
    """Fails in each way in which it can be asked what it is."""

    def __init__(self, *ways: str) -> None:
        self.ways = ways

    def __repr__(self) -> str:
        return f"Failing{self.ways}"


def failing(*ways: str) -> Any:
    def fail(self: Any, *_: Any, **__: Any) -> Any:
        raise KeyError(self.ways)

    return type("Failing", (Failing,), dict.fromkeys(ways, fail))(*ways)


class BadArray:
    dtype = "float"

    def tolist(self) -> Any:
        raise KeyError("tolist")


class BadZone(tzinfo):
    def utcoffset(self, _: Any) -> Any:
        raise KeyError("utcoffset")

    dst = tzname = utcoffset


class BadText(str):
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise KeyError("text")


class BadMapping(Mapping[Any, Any]):
    def __getitem__(self, _: Any) -> Any:
        raise RuntimeError("getitem")

    def __iter__(self) -> Iterator[Any]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class WrongIndex:
    def __index__(self) -> Any:
        return "3"

    def __float__(self) -> Any:
        return "3"


def _endless() -> list[Any]:
    own: list[Any] = []
    own.append(own)
    return own


def _deep(depth: int) -> list[Any]:
    return functools.reduce(lambda inner, _: [inner], range(depth), [])


class EndsBadly:
    def __iter__(self) -> Iterator[str]:
        yield "a"
        raise KeyError("iteration")


ODD: list[Callable[[], Any]] = [
    *(
        functools.partial(failing, *ways)
        for ways in (
            ("__float__",),
            ("__index__",),
            ("__iter__",),
            ("__repr__", "__float__", "__index__"),
            ("__eq__", "__hash__"),
            ("__bool__", "__len__", "__iter__"),
        )
    ),
    BadArray,
    BadText,
    lambda: BadText("a"),
    BadMapping,
    WrongIndex,
    Unwilling,
    _endless,
    lambda: _deep(300),
    lambda: _deep(5_000),
    EndsBadly,
    object,
    lambda: int,
    lambda: np.float64,
    lambda: np.dtype(int),
    lambda: np.ma.masked,
    lambda: np.ma.array([1, 2], mask=[True, False]),
    lambda: np.clongdouble(1j),
    lambda: np.datetime64("2026-01-01", "ns"),
    lambda: np.datetime64("NaT"),
    lambda: np.timedelta64(1, "ns"),
    lambda: np.array([object()], dtype=object),
    lambda: np.array([(1, b"x")], dtype=[("a", int), ("b", "S1")])[0],
    lambda: np.bytes_(b"x"),
    lambda: np.array([]),
    lambda: np.zeros((0, 2)),
    lambda: datetime(2026, 1, 1, tzinfo=BadZone()),
    lambda: datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
    lambda: datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    lambda: datetime(1, 1, 1, tzinfo=UTC),
    lambda: MappingProxyType({"a": 1}),
    lambda: {"a": 1e308, "b": 1e308},
    lambda: {("a",): 1.0},
    lambda: {"$gt": 1},
    lambda: {"a": {"$unheard": 1}},
    lambda: [("a", 0.5), ("b",)],
    lambda: Hashed("h"),
    lambda: Hashed("h", 1),
    lambda: Hashed("", 1),
    lambda: Hashed(1, 1),  # type: ignore[arg-type]
    lambda: Hashed(BadText("h"), 1),
    lambda: Hashed("h", Hashed("h", 1)),  # type: ignore[arg-type]
    lambda: Document(1, "1"),  # type: ignore[arg-type]
    lambda: Document("h", 1),  # type: ignore[arg-type]
    lambda: Document("h", "no JSON"),
    lambda: Document("h" * 65, "1"),
    lambda: Document("h", None),
    lambda: range(3),
    lambda: memoryview(b"x"),
    lambda: "x" * 5_000,
    lambda: 10**5_000,
    lambda: -(10**400),
    lambda: Fraction(10**400, 3),
    lambda: Decimal("1e999999"),
    lambda: Decimal("-sNaN"),
    lambda: Ellipsis,
    lambda: NotImplemented,
]


def _may_be_member(value: Any) -> bool:
    """Whether an enumeration can hold it: its hash may be missing, but does not fail otherwise."""
    try:
        hash(value)
    except TypeError:
        return True
    except Exception:
        return False
    return True


REFUSED = [value for values in BAD.values() for value in values if not isinstance(value, Iterator)]

_ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.sampled_from(ODD).map(lambda make: make()),
        st.integers(0, len(REFUSED) - 1).map(lambda at: REFUSED[at]),
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(st.characters(), max_size=60),
        st.binary(max_size=5),
        st.decimals(),
        st.fractions(),
        st.complex_numbers(),
        st.uuids(),
        st.datetimes(),
        st.times(),
        st.timedeltas(),
        DOCUMENTS.map(lambda given: given.value),
        st.floats(width=32).map(np.float32),
        st.sampled_from([math.nan, math.inf, -0.0, 5e-324, 1.8e308, 2**53, 2**63, -1]),
        st.builds(UUID, int=st.integers(0, 5)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), inner, max_size=2),
        inner.filter(_may_be_member).map(member),
        st.builds(Hashed, st.text(max_size=3), inner),
    ),
    max_leaves=4,
)
ANYTHING = st.one_of(_ANYTHING, st.lists(_ANYTHING, max_size=2).map(iter))
