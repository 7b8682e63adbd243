"""Gymnasium's environments as worlds of JSON states and named actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeAlias

from qlmodels.demo.tasks import Task
from qlmodels.errors import QLModelsError

StepOutcome: TypeAlias = tuple[float, int, float, bool]
"""Probability, next state, reward, whether it terminates."""

TAXI_STOPS = ("red", "green", "yellow", "blue")


class DemoNotInstalled(QLModelsError):
    """The demo needs Gymnasium: pip install 'qlmodels[demo]'."""


@dataclass(frozen=True, slots=True)
class World:
    """A finite world: what each state looks like, what may be done in it, and what follows.

    States are numbered as Gymnasium numbers them; `moves[state]` are the legal actions by name,
    `outcomes[state][action]` all that may follow, and `starts` the probabilities to start there.
    """

    documents: tuple[Any, ...]
    names: tuple[str, ...]
    moves: tuple[tuple[str, ...], ...]
    outcomes: tuple[Mapping[str, tuple[StepOutcome, ...]], ...]
    starts: Mapping[int, float]

    @property
    def goal_reward(self) -> float:
        """The best reward with which an episode terminates."""
        return max(
            reward
            for moves in self.outcomes
            for outcomes in moves.values()
            for _, _, reward, ends in outcomes
            if ends
        )

    def number(self, action: str) -> int:
        return self.names.index(action)


def make_environment(task: Task) -> Any:
    """A new Gymnasium environment. Raises DemoNotInstalled."""
    return _gymnasium().make(task.environment, max_episode_steps=task.horizon, **task.options)


def make_world(task: Task) -> World:
    """The world of a task, as Gymnasium defines it. Raises DemoNotInstalled."""
    environment = make_environment(task).unwrapped
    describe, names = _LOOKS[task.environment]
    states = range(environment.observation_space.n)
    legal = [_legal(environment, state) for state in states]
    return World(
        documents=tuple(describe(environment, state) for state in states),
        names=names,
        moves=tuple(tuple(names[action] for action in legal[state]) for state in states),
        outcomes=tuple(
            {
                names[action]: tuple(
                    (float(chance), int(after), float(reward), bool(ends))
                    for chance, after, reward, ends in environment.P[state][action]
                )
                for action in legal[state]
            }
            for state in states
        ),
        starts={
            state: float(chance)
            for state, chance in enumerate(environment.initial_state_distrib)
            if chance > 0
        },
    )


def _gymnasium() -> ModuleType:
    try:
        import gymnasium
    except ImportError as error:
        raise DemoNotInstalled from error
    return gymnasium


def _legal(environment: Any, state: int) -> list[int]:
    """Where the environment tells which actions do nothing, they are left out."""
    if hasattr(environment, "action_mask"):
        return [action for action, does in enumerate(environment.action_mask(state)) if does]
    return list(range(environment.action_space.n))


def _taxi(environment: Any, state: int) -> Any:
    row, column, passenger, destination = map(int, environment.decode(state))
    return {
        "taxi": {"row": row, "column": column},
        "passenger": (*TAXI_STOPS, "in taxi")[passenger],
        "destination": TAXI_STOPS[destination],
    }


def _grid(columns: int) -> Callable[[Any, int], Any]:
    return lambda _, state: {"row": state // columns, "column": state % columns}


_LOOKS: Mapping[str, tuple[Callable[[Any, int], Any], tuple[str, ...]]] = {
    "Taxi-v4": (_taxi, ("south", "north", "east", "west", "pick up", "drop off")),
    "CliffWalking-v1": (_grid(12), ("up", "right", "down", "left")),
    "FrozenLake-v1": (_grid(4), ("left", "down", "right", "up")),
}
