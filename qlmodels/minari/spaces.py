"""The Gymnasium space of JSON values, inferred from the values."""

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from gymnasium import spaces

from qlmodels.errors import QLModelsError

_COUNTABLE = 2**16
"""Whole numbers are the numbers of a Discrete space if they lie this close together."""

_INT64 = np.iinfo(np.int64)

Column: TypeAlias = Any
"""Values of many steps as Minari takes them: an array, or a dict or tuple of such."""


class NotInSpace(QLModelsError):
    """A recorded value is not in the space of the environment that was named."""


class Space(Protocol):
    """A Gymnasium space, and how values come into it."""

    @property
    def space(self) -> spaces.Space[Any]: ...

    @property
    def names(self) -> Any:
        """For whatever was numbered, the values in the order of their numbers; else None."""

    def learn(self, values: Sequence[Any]) -> None:
        """Be told of all values before any is encoded."""

    def encode(self, values: Sequence[Any]) -> Column: ...


@dataclass
class WholeNumbers:
    """Whole numbers, which stay what they are."""

    low: int
    high: int
    names = None

    @property
    def start(self) -> int:
        return min(0, self.low)

    @property
    def is_countable(self) -> bool:
        return self.high - self.start < _COUNTABLE

    @property
    def space(self) -> spaces.Space[Any]:
        if self.is_countable:
            return spaces.Discrete(self.high - self.start + 1, start=self.start)
        return spaces.Box(_INT64.min, _INT64.max, (), np.int64)

    def learn(self, values: Sequence[Any]) -> None: ...

    def encode(self, values: Sequence[Any]) -> Column:
        return np.asarray(values, np.int64)


@dataclass
class RealNumbers:
    """Numbers as doubles."""

    names = None
    space = spaces.Box(-math.inf, math.inf, (), np.float64)

    def learn(self, values: Sequence[Any]) -> None: ...

    def encode(self, values: Sequence[Any]) -> Column:
        return np.asarray(values, np.float64)


@dataclass
class Vector:
    """Arrays of one length that hold numbers alone."""

    members: Sequence[WholeNumbers | RealNumbers]
    names = None

    @property
    def space(self) -> spaces.Space[Any]:
        whole = self._countable()
        if not whole:
            return spaces.Box(-math.inf, math.inf, (len(self.members),), np.float64)
        return spaces.MultiDiscrete(
            [member.high - member.start + 1 for member in whole],
            start=[member.start for member in whole],
        )

    def learn(self, values: Sequence[Any]) -> None: ...

    def encode(self, values: Sequence[Any]) -> Column:
        return np.asarray(values, np.int64 if self._countable() else np.float64)

    def _countable(self) -> list[WholeNumbers]:
        """The members, if all are countable."""
        whole = [
            each for each in self.members if isinstance(each, WholeNumbers) and each.is_countable
        ]
        return whole if len(whole) == len(self.members) else []


@dataclass
class Named:
    """Whatever else: each value that occurs has a number, in the order of its JSON text."""

    _known: dict[str, Any] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def space(self) -> spaces.Space[Any]:
        return spaces.Discrete(len(self._known))

    @property
    def names(self) -> list[Any]:
        return [self._known[text] for text in sorted(self._known)]

    def learn(self, values: Sequence[Any]) -> None:
        for value in values:
            self._known.setdefault(text_of(value), value)

    def encode(self, values: Sequence[Any]) -> Column:
        if not self._numbers:
            self._numbers = {text: number for number, text in enumerate(sorted(self._known))}
        return np.asarray([self._numbers[text_of(value)] for value in values], np.int64)


@dataclass
class Members:
    """Objects that have the same keys, or arrays of one length, whose members differ in kind."""

    members: Mapping[str, Space]
    are_places: bool

    @property
    def space(self) -> spaces.Space[Any]:
        if self.are_places:
            return spaces.Tuple([member.space for member in self.members.values()])
        return spaces.Dict({name: member.space for name, member in self.members.items()})

    @property
    def names(self) -> dict[str, Any] | None:
        named = {name: member.names for name, member in self.members.items()}
        return {name: names for name, names in named.items() if names is not None} or None

    def learn(self, values: Sequence[Any]) -> None:
        for name, member in self.members.items():
            member.learn(self._column(values, name))

    def encode(self, values: Sequence[Any]) -> Column:
        columns = {
            name: member.encode(self._column(values, name)) for name, member in self.members.items()
        }
        return tuple(columns.values()) if self.are_places else columns

    def _column(self, values: Sequence[Any], name: str) -> list[Any]:
        key = int(name) if self.are_places else name
        return [value[key] for value in values]


@dataclass
class SpaceSketch:
    """What values are seen to have in common."""

    kinds: set[str] = field(default_factory=set)
    low: int = 0
    high: int = 0
    members: dict[str, "SpaceSketch"] | None = None

    def see_all(self, values: Iterable[Any]) -> None:
        for value in values:
            self.see(value)

    def see(self, value: Any) -> None:
        match value:
            case bool() | str() | None:
                self.kinds.add("name")
            case int() if _INT64.min <= value <= _INT64.max:
                self.low, self.high = min(self.low, value), max(self.high, value)
                self.kinds.add("whole")
            case int() if abs(value) <= sys.float_info.max:
                self.kinds.add("large")
            case float() if math.isfinite(value):
                self.kinds.add("real")
            case dict() if value:
                self._look_into("features", value)
            case list() if value:
                self._look_into("places", {str(index): each for index, each in enumerate(value)})
            case _:
                self.kinds.add("name")

    def space(self) -> Space:
        match sorted(self.kinds), self.members:
            case ["whole"], None:
                return WholeNumbers(self.low, self.high)
            case kinds, None if "real" in kinds and self.kinds <= {"large", "real", "whole"}:
                return RealNumbers()
            case ["features" | "places" as kind], members if members is not None:
                return _together({name: each.space() for name, each in members.items()}, kind)
            case _:
                return Named()

    def _look_into(self, kind: str, value: dict[str, Any]) -> None:
        self.kinds.add(kind)
        if self.members is None:
            self.members = {name: SpaceSketch() for name in sorted(value, key=_place)}
        # a slash in a name would be a folder in the file
        if self.members.keys() != value.keys() or any(_is_unfit(name) for name in value):
            self.kinds.add("name")
        if "name" not in self.kinds:
            for name, member in self.members.items():
                member.see(value[name])


def _together(members: dict[str, Space], kind: str) -> Space:
    numbers = [each for each in members.values() if isinstance(each, WholeNumbers | RealNumbers)]
    if kind == "places" and len(numbers) == len(members):
        return Vector(numbers)
    return Members(members, are_places=kind == "places")


def _is_unfit(name: str) -> bool:
    return "/" in name or "\0" in name or name in {"", ".", ".."}


def _place(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdecimal() else (0, name)


def text_of(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
