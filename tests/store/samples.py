"""Values for each kind of argument: what stands for a plain value, and what is refused."""

import enum
import math
from collections import OrderedDict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import gymnasium
import numpy as np

from qlmodels.store import Hashed, epsilon_greedy, greedy, softmax, ucb
from tests.store.operations import BEGAN, SESSION
from tests.support import arguments as table


class Word(enum.StrEnum):
    LEFT = "left"
    B = "b"


class Number(enum.IntEnum):
    THREE = 3


class Any_(enum.Enum):  # noqa: N801
    DOCUMENT = {"x": (1, 2)}  # noqa: RUF012
    TEXT = "left"
    HALF = 0.5
    SCALAR = np.int64(3)
    TRUE = True


class Place(NamedTuple):
    x: int
    y: float


class Three:
    def __index__(self) -> int:
        return 3


class Unwilling:
    def __float__(self) -> float:
        raise RuntimeError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")


DICT_SPACE = gymnasium.spaces.Dict(
    {"at": gymnasium.spaces.Discrete(5), "of": gymnasium.spaces.MultiBinary(3)}, seed=1
)
SAMPLE: Any = DICT_SPACE.sample()
CHOSEN = gymnasium.spaces.Discrete(4, seed=1).sample()

DOCUMENTS: list[tuple[Any, Any]] = [
    (np.int64(3), 3),
    (np.uint8(3), 3),
    (np.float32(0.5), 0.5),
    (np.float64(1.0), 1),
    (np.bool_(True), True),
    (np.str_("left"), "left"),
    (np.array(3), 3),
    (np.array([1, 2]), [1, 2]),
    (np.array([[0.5], [2.0]], dtype=np.float32), [[0.5], [2]]),
    (np.longdouble(0.5), 0.5),
    (Decimal("1.50"), 1.5),
    (Decimal("3"), 3),
    (Decimal(1) / Decimal(3), 1 / 3),
    (Decimal("1e20"), 1e20),
    (Word.LEFT, "left"),
    (Number.THREE, 3),
    (Any_.DOCUMENT, {"x": [1, 2]}),
    (Any_.SCALAR, 3),
    ((1, (2, "x")), [1, [2, "x"]]),
    (Place(np.int64(1), 2.5), [1, 2.5]),  # type: ignore[arg-type]
    (OrderedDict(b=1, a=np.int8(2)), {"a": 2, "b": 1}),
    ({np.str_("at"): {Word.LEFT: np.float64(0.1)}}, {"at": {"left": 0.1}}),
    (SAMPLE, {"at": int(SAMPLE["at"]), "of": SAMPLE["of"].tolist()}),
    (
        gymnasium.spaces.Discrete(4, seed=1).sample(),
        int(gymnasium.spaces.Discrete(4, seed=1).sample()),
    ),
    (UUID(int=5), str(UUID(int=5))),
    (Three(), 3),
    (1e22, 1e22),
    (-0.0, 0),
    (None, None),
]
NOT_DOCUMENTS: list[Any] = [
    math.nan,
    np.float32("inf"),
    np.array([1.0, math.nan]),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("1e999"),
    Decimal(2**53 + 1),
    2**53,
    10**5000,
    np.uint64(2**63),
    b"bytes",
    {1},
    {1: 2},
    {"left": 1, Any_.TEXT: 2},
    1j,
    np.datetime64("2026-01-01"),
    BEGAN,
    "\x00",
    {"\ud800": 1},
    Unwilling(),
    [object()],
]
NUMBERS: list[tuple[Any, Any]] = [
    (np.int64(1), 1.0),
    (np.float32(0.5), 0.5),
    (np.array(0.5), 0.5),
    (Decimal("0.5"), 0.5),
    (Fraction(1, 2), 0.5),
    (Any_.HALF, 0.5),
    (True, 1.0),
    (np.bool_(True), 1.0),
    (1, 1.0),
]
NOT_NUMBERS: list[Any] = [
    "1",
    b"1",
    bytearray(b"1"),
    np.str_("1"),
    Word.LEFT,
    math.nan,
    math.inf,
    np.float64("-inf"),
    Decimal("NaN"),
    Decimal("sNaN"),
    10**400,
    1j,
    np.array([1.0]),
    [1.0],
    Unwilling(),
    timedelta(1),
]
WHOLE: list[tuple[Any, Any]] = [
    (np.int64(3), 3),
    (np.array(3), 3),
    (Number.THREE, 3),
    (Any_.SCALAR, 3),
    (Decimal("3"), 3),
    (3.0, 3),
    (Three(), 3),
]
NOT_WHOLE: list[Any] = ["3", 1.5, True, np.bool_(True), Decimal("1.5"), Decimal("NaN"), -1, 2**31]
FLAGS = [(np.bool_(True), True), (np.array(True), True), (Any_.TRUE, True)]
TEXTS = [(np.str_("left"), "left"), (Word.LEFT, "left"), (Any_.TEXT, "left")]
NOT_TEXTS: list[Any] = [1, "", b"left", ["left"], "\x00", "\ud800", "x" * 201]

GOOD: dict[table.Kind, list[tuple[Any, Any]]] = {
    table.DOCUMENT: DOCUMENTS,
    table.STATE: DOCUMENTS,
    table.ACTION: DOCUMENTS,
    table.ACTIONS: [
        (np.arange(2), [0, 1]),
        ((np.int64(0), Decimal(1)), [0, 1]),
        ([Word.LEFT, "left", 1, 1.0], ["left", 1]),
        ({"left": 0}.keys(), ["left"]),
    ],
    table.NUMBER: NUMBERS,
    table.RATE: NUMBERS,
    table.NOT_NEGATIVE: NUMBERS,
    table.POSITIVE: NUMBERS,
    table.COUNT: WHOLE,
    table.COUNT_FROM_1: WHOLE,
    table.BIGINT: WHOLE,
    table.FLAG: FLAGS,
    table.TEXT: TEXTS,
    table.WORDS: TEXTS,
    table.CHOICE: [],
    table.TIME: [],
    table.MAPPING: [(OrderedDict(x=np.int64(1)), {"x": 1})],
    table.FUNCTION: [],
    table.GENERATOR: [],
    table.CHOOSER: [],
    table.TARGET: [],
    table.TEXTS: [(np.array(["left"]), ["left"]), ((Word.LEFT, "left"), ["left"]), ([], [])],
    table.POLICY: [
        ({"a": np.float64(0.25), Word.B: Decimal("0.75")}, {"a": 0.25, "b": 0.75}),
        ([(np.str_("a"), 1), ("b", np.int8(0))], {"a": 1.0}),
        (epsilon_greedy(np.float32(0.5)), epsilon_greedy(0.5)),
        (softmax(np.array(2)), softmax(2.0)),
        (greedy(), None),
    ],
    table.TAKEN: [(np.array([3]), [3]), ((Decimal(3),), [3]), ([Any_.DOCUMENT], [{"x": [1, 2]}])],
    table.LEGAL: [
        (np.array(["a", "b"]), ["a", "b"]),
        (((Word.LEFT,), ("a", Decimal("1.5"))), [["left"], ["a", 1.5]]),
    ],
    table.STATES: [(np.eye(2, dtype=int), [[1, 0], [0, 1]]), ((Word.LEFT, 1.0), ["left", 1])],
    table.NUMBERS: [(np.array([0.5]), [0.5]), ((Decimal("0.5"),), [0.5])],
}
BAD: dict[table.Kind, list[Any]] = {
    table.DOCUMENT: NOT_DOCUMENTS,
    table.STATE: [*NOT_DOCUMENTS, Hashed(1, 1), Hashed("", 1)],  # type: ignore[arg-type]
    table.ACTION: [*NOT_DOCUMENTS, Hashed("h" * 65, 1)],
    table.ACTIONS: ["left", b"left", 3, {"left": 1}, np.array(3), [], [{1}], [math.nan], iter([])],
    table.NUMBER: NOT_NUMBERS,
    table.RATE: [*NOT_NUMBERS, -0.1, 1.1],
    table.NOT_NEGATIVE: [*NOT_NUMBERS, -1],
    table.POSITIVE: [*NOT_NUMBERS, 0],
    table.COUNT: NOT_WHOLE,
    table.COUNT_FROM_1: [*NOT_WHOLE, 0],
    table.BIGINT: ["3", 1.5, True, 2**63],
    table.FLAG: [0, 1, np.int64(1), "yes", [True], np.array([True])],
    table.TEXT: NOT_TEXTS,
    table.WORDS: [1, b"left", "\x00", "\ud800"],
    table.CHOICE: ["unheard", 1, ["active"]],
    table.KEY: [str(SESSION), 1, "x"],
    table.TIME: ["2026-01-01", 0, datetime(2026, 1, 1)],
    table.MAPPING: [1, "x", [1], {1: 2}],
    table.CHOOSER: ["greedy", 1, greedy, {}],
    table.TARGET: ["greedy", 1, greedy, {"a": 1.0}, ucb(1)],
    table.TEXTS: [
        1,
        "left",
        {"left": 1},
        [1],
        [""],
        ["x" * 51],
        ["\x00"],
        [str(n) for n in range(51)],
    ],
    table.POLICY: ["greedy", 1, {}, {"a": 0.5}, {"a": math.nan}, {"c": 1.0}, {"a": "1"}, ucb(1)],
    table.FUNCTION: [1, "x", []],
    table.GENERATOR: [1, np.random.default_rng(1), int],
    table.TAKEN: [1, "x", {"x": 1}, [], [1, 2], [{1}], [math.nan]],
    table.LEGAL: [3, "left", {"left": 1}, [], [{1}], [math.nan], [["a"], ["a"], ["a"]]],
    table.STATES: [1, "xy", {"x": 1}, [1, b"x"], [1, 2, 3]],
    table.NUMBERS: ["1", 1, ["1"], [math.nan], [1, 2]],
}
