"""Patterns: what worked before, found again by the state one is in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from qlmodels.errors import UnknownAgentType
from qlmodels.store import checks
from qlmodels.store.checks import Number, Whole
from qlmodels.store.core import Core
from qlmodels.store.errors import InvalidValue, UnknownReference
from qlmodels.store.hashing import document, parse
from qlmodels.store.plain import shown

COMPARISONS = {
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$nin",
    "$exists",
    "$contains",
}
COMBINATIONS = {"$and", "$or", "$nor"}


@dataclass(frozen=True, slots=True)
class MatchedPattern:
    """A pattern whose trigger conditions a state meets, and its record."""

    pattern_id: UUID
    name: str
    version: int
    pattern_type: str
    category: str | None
    data: Any
    trigger_conditions: Any
    expected_outcome: Any
    usage_count: int
    success_count: int
    avg_reward: float
    confidence_score: float


class Patterns(Core):
    async def remember_pattern(
        self,
        name: str,
        data: Any,
        *,
        pattern_type: str,
        category: str | None = None,
        trigger_conditions: Mapping[str, Any] | None = None,
        expected_outcome: Any = None,
        version: Whole = 1,
        parent: UUID | None = None,
    ) -> UUID:
        """Store a pattern, or new words on the one of this name and version; its id.

        `trigger_conditions` say in which states it applies: names of features, dotted ones
        reaching into them, and what they must be, a value or comparisons by $eq, $ne, $lt, $lte,
        $gt, $gte, $in, $nin, $exists, $contains; $and, $or, $nor take lists of conditions, $not
        takes one. Without conditions it applies everywhere.

        Raises InvalidValue for other operators, UnknownReference for a parent that is not this
        agent type's, UnknownAgentType.
        """
        conditions = checks.optional(_conditions, trigger_conditions, "trigger_conditions")
        row = await self._fetch_one(
            "remember_pattern",
            self.agent_type,
            checks.text(name, 200, "name"),
            checks.at_least(version, 1, "version"),
            checks.text(pattern_type, 50, "pattern_type"),
            checks.optional(checks.text, category, 50, "category"),
            document(data, "data"),
            conditions,
            checks.optional(document, expected_outcome, "expected_outcome"),
            checks.optional(checks.uuid, parent, "parent"),
            uuid4(),
        )
        if row is None:
            raise UnknownAgentType.hidden_or_absent(self.agent_type)
        self._tally.patterns += row["is_new"]
        found: UUID = row["pattern_id"]
        return found

    async def match_patterns(self, state: Any, *, limit: int = 20) -> list[MatchedPattern]:
        """Patterns whose trigger conditions `state` meets, the most trusted first."""
        rows = await self._fetch(
            "match_patterns",
            self.agent_type,
            self._state(state).stored("state"),
            checks.at_least(limit, 1, "limit"),
        )
        return [
            MatchedPattern(*row[:5], *(value and parse(value) for value in row[5:8]), *row[8:])
            for row in map(tuple, rows)
        ]

    async def use_pattern(self, pattern_id: UUID, *, success: bool, reward: Number) -> None:
        """Count a use of a pattern and how it went; trust follows the share of successes.

        Raises UnknownReference when this agent type has no such pattern.
        """
        row = await self._fetch_one(
            "use_pattern",
            self.agent_type,
            checks.uuid(pattern_id, "pattern_id"),
            checks.flag(success, "success"),
            checks.finite(reward, "reward"),
            repeatable=False,
        )
        if row is None:
            raise UnknownReference(
                f"Agent type {self.agent_type} has no pattern {pattern_id}: remember it first."
            )


def _conditions(value: Any, what: str) -> str:
    text = document(value, what)
    check_conditions(parse(text))
    return text


def check_conditions(conditions: Any) -> None:
    """Raises InvalidValue for conditions that no state could be held against."""
    if conditions is None:
        return
    if not isinstance(conditions, Mapping):
        raise InvalidValue(
            f"The trigger_conditions are {shown(conditions)}. Give features and conditions on them."
        )
    for name, wanted in conditions.items():
        if name == "$not":
            check_conditions(wanted)
        elif name in COMBINATIONS:
            if not isinstance(wanted, list):
                raise InvalidValue(
                    f"The condition {name} is {shown(wanted)}. Give a list of conditions."
                )
            for part in wanted:
                check_conditions(part)
        else:
            _check_comparisons(name, wanted)


def _check_comparisons(name: str, wanted: Any) -> None:
    operators = (
        [str(key) for key in wanted if str(key).startswith("$")]
        if isinstance(wanted, Mapping)
        else []
    )
    unknown = sorted({name} if name.startswith("$") else set(operators) - COMPARISONS)
    if unknown or (operators and len(operators) != len(wanted)):
        raise InvalidValue(
            f"The condition on {shown(name)} is {shown(wanted)}, which no state could meet. Use "
            f"{', '.join(sorted(COMPARISONS | COMBINATIONS | {'$not'}))}."
        )
