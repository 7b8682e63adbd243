"""The Gymnasium spaces of a registered environment, for recorded JSON values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from qlmodels.errors import QLModelsError
from qlmodels.minari.spaces import Column, NotInSpace, text_of


class UnknownEnvironment(QLModelsError):
    """Gymnasium knows no such environment."""


@dataclass
class Given:
    """The space of an environment. Raises NotInSpace for a value that is not in it."""

    space: spaces.Space[Any]
    names = None

    def learn(self, values: Sequence[Any]) -> None:
        for value in values:
            if not _contains(self.space, value):
                raise NotInSpace(
                    f"{text_of(value)} is not in the environment's space {self.space}: "
                    "leave --env out, so that the space is told from what was recorded."
                )

    def encode(self, values: Sequence[Any]) -> Column:
        return _encode(self.space, values)


def spaces_of(environment: str) -> tuple[Given, Given, Any]:
    """Those of states and of actions, and Gymnasium's specification of the environment.

    Raises UnknownEnvironment.
    """
    try:
        made = gymnasium.make(environment)
    except gymnasium.error.Error as error:
        raise UnknownEnvironment(f"Gymnasium cannot make {environment}: {error}") from error
    try:
        return Given(made.observation_space), Given(made.action_space), made.spec
    finally:
        made.close()


def _encode(space: spaces.Space[Any], values: Sequence[Any]) -> Column:
    match space:
        case spaces.Dict():
            return {
                name: _encode(inner, [value[name] for value in values])
                for name, inner in space.spaces.items()
            }
        case spaces.Tuple():
            return tuple(
                _encode(inner, [value[index] for value in values])
                for index, inner in enumerate(space.spaces)
            )
        case spaces.Text():
            return list(values)
        case _:
            return np.asarray(values, space.dtype)


def _contains(space: spaces.Space[Any], value: Any) -> bool:
    match space, value:
        case spaces.Discrete(), int():
            return space.contains(value)
        case spaces.Dict(), dict():
            return space.spaces.keys() == value.keys() and all(
                _contains(inner, value[name]) for name, inner in space.spaces.items()
            )
        case spaces.Tuple(), list():
            return len(space.spaces) == len(value) and all(map(_contains, space.spaces, value))
        case spaces.Text(), str():
            return space.contains(value)
        case spaces.Box() | spaces.MultiDiscrete() | spaces.MultiBinary(), list():
            try:
                return space.contains(np.asarray(value, space.dtype))
            except (ValueError, TypeError, OverflowError):
                return False
        case _:
            return False
