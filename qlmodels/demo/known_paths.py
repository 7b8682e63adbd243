"""Ways that led to the goal, remembered as patterns: when one is where it begins, it applies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from qlmodels.store import Episode, LearningStore


@dataclass(frozen=True, slots=True)
class KnownPath:
    pattern_id: UUID
    version: int
    actions: list[str]
    earned: float

    def beaten_by(self, actions: list[str], earned: float) -> bool:
        return (earned, -len(actions)) > (self.earned, -len(self.actions))


@dataclass(slots=True)
class KnownPaths:
    """The best way from each place, one pattern a place and one version an improvement.

    A way begins at the first state of an episode that has the features `begin`.
    """

    store: LearningStore
    begin: Mapping[str, Any]
    _best: dict[str, KnownPath] = field(default_factory=dict, init=False)

    async def follow(self, episode: Episode) -> None:
        """Remember a way that is better than the known one, or count that this one was gone."""
        start = self._start(episode)
        if not episode.success or start is None:
            return
        conditions = features(episode.states[start])
        place = ", ".join(f"{name} {value}" for name, value in conditions.items())
        actions, earned = list(episode.actions[start:]), sum(episode.rewards[start:])
        best = self._best.get(place)
        if best is None or best.beaten_by(actions, earned):
            best = await self._known(episode.states[start])  # another instance may know better
        if best is None or best.beaten_by(actions, earned):
            best = await self._remember(place, conditions, best, actions, earned)
        elif actions == best.actions:
            await self.store.use_pattern(best.pattern_id, success=True, reward=earned)
        self._best[place] = best

    def _start(self, episode: Episode) -> int | None:
        for index, state in enumerate(episode.states):
            if self.begin.items() <= state.items():
                return index
        return None

    async def _known(self, state: Any) -> KnownPath | None:
        ways = [
            KnownPath(
                pattern.pattern_id,
                pattern.version,
                pattern.data["actions"],
                pattern.expected_outcome["return"],
            )
            for pattern in await self.store.match_patterns(state, limit=100)
        ]
        return max(ways, key=lambda way: way.version, default=None)

    async def _remember(
        self,
        place: str,
        conditions: Mapping[str, Any],
        former: KnownPath | None,
        actions: list[str],
        earned: float,
    ) -> KnownPath:
        version = former.version + 1 if former else 1
        pattern_id = await self.store.remember_pattern(
            f"from {place}",
            {"actions": actions, "steps": len(actions)},
            pattern_type="way",
            category="route",
            trigger_conditions=conditions,
            expected_outcome={"return": earned},
            version=version,
            parent=former.pattern_id if former else None,
        )
        return KnownPath(pattern_id, version, actions, earned)


def features(state: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The features of a state by their dotted names."""
    named: dict[str, Any] = {}
    for name, value in state.items():
        if isinstance(value, Mapping):
            named |= features(value, f"{prefix}{name}.")
        else:
            named[f"{prefix}{name}"] = value
    return named
