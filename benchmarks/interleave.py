"""Sides that are compared take turns, so that what else the machine does meets them alike."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.clients import Measurement, Worker


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: float
    """Of one turn."""


@dataclass(frozen=True)
class Rounds:
    """What each side did in each round."""

    sides: Mapping[str, tuple[Measurement, ...]]

    def ratios(self, side: str, base: str) -> tuple[float, ...]:
        """How many times the base's rate, by round."""
        pairs = zip(self.sides[side], self.sides[base], strict=True)
        return tuple(ours.rate / theirs.rate for ours, theirs in pairs)

    def slowdowns(self, side: str, base: str, share: float) -> tuple[float, ...]:
        """How many times the base's latency at this quantile, by round."""
        pairs = zip(self.sides[side], self.sides[base], strict=True)
        return tuple(ours.quantile(share) / theirs.quantile(share) for ours, theirs in pairs)

    def rate(self, side: str) -> float:
        """The median round's, in units a second."""
        return _middle([measurement.rate for measurement in self.sides[side]])

    def latency(self, side: str, share: float) -> float:
        """The median round's at this quantile, in milliseconds."""
        return _middle([measurement.quantile(share) for measurement in self.sides[side]])


def take_turns(workers: Mapping[str, Worker], plan: Plan) -> Rounds:
    """A B A B ...; a first turn of each, in which plans and pages get warm, does not count."""
    for worker in workers.values():
        worker.work(plan.seconds)
    turns: dict[str, list[Measurement]] = {side: [] for side in workers}
    for _ in range(plan.rounds):
        for side, worker in workers.items():
            turns[side].append(worker.work(plan.seconds))
    return Rounds({side: tuple(measured) for side, measured in turns.items()})


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
