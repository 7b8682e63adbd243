"""What changed between two versions of a Q-table."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import asyncpg

from qlmodels.policies.versions import require_version, sql

PairKey: TypeAlias = tuple[str, str]
"""Hashes of a state and an action."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A pair with another value; None where there was none, or is none any more."""

    state_hash: str
    action_hash: str
    old: float | None
    new: float | None
    visits: int
    state: Any = None
    action: Any = None


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A state whose greedy action is another one, with the values that they had and have."""

    state_hash: str
    old_action_hash: str
    old: float
    new_action_hash: str
    new: float
    visits: int
    state: Any = None
    old_action: Any = None
    new_action: Any = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """From version `before` to `after`; None is the Q-table as it is now.

    `states` are those that both know, `greedy_changed` how many of them have another greedy
    action. `changed` are pairs of both with another value or number of visits. The lists hold the
    first few of each kind: most visited, or most moved.
    """

    agent_type: str
    before: int | None
    after: int | None
    states: int
    greedy_changed: int
    pairs: int
    made: int
    lost: int
    changed: int
    mean_change: float | None
    turned_states: list[PolicyChange] = field(repr=False)
    made_pairs: list[ValueChange] = field(repr=False)
    lost_pairs: list[ValueChange] = field(repr=False)
    changed_pairs: list[ValueChange] = field(repr=False)


async def compare(
    connection: asyncpg.Connection,
    agent_type: str,
    before: int | None,
    after: int | None,
    *,
    limit: int = 20,
) -> Comparison:
    """Compare two versions, or one with the Q-table as it is now. Raises NoSuchVersion."""
    for number in (before, after):
        if number is not None:
            await require_version(connection, agent_type, number)
    row = await connection.fetchrow(sql("compare"), agent_type, before, after, limit)
    assert row is not None  # noqa: S101  # an aggregate gives a row
    turned, made, lost, changed = (
        json.loads(row[name] or "[]")
        for name in ("turned_states", "made_pairs", "lost_pairs", "changed_pairs")
    )
    states, actions = await _documents(
        connection, agent_type, [before, after], [*_pairs_of(turned, made, lost, changed)]
    )

    def moved(line: dict[str, Any]) -> ValueChange:
        state, action = line["state_hash"], line["action_hash"]
        return ValueChange(
            state,
            action,
            line.get("old"),
            line.get("new"),
            line["visits"],
            states.get(state),
            actions.get(action),
        )

    return Comparison(
        agent_type,
        before,
        after,
        row["states"],
        row["turned"],
        row["pairs"],
        row["made"],
        row["lost"],
        row["changed"],
        row["mean_change"],
        [
            PolicyChange(
                line["state_hash"],
                line["old_action"],
                line["old"],
                line["new_action"],
                line["new"],
                line["visits"],
                states.get(line["state_hash"]),
                actions.get(line["old_action"]),
                actions.get(line["new_action"]),
            )
            for line in turned
        ],
        *([moved(line) for line in lines] for lines in (made, lost, changed)),
    )


def _pairs_of(
    turned: Sequence[dict[str, Any]], *moved: Sequence[dict[str, Any]]
) -> Iterator[PairKey]:
    for line in turned:
        yield line["state_hash"], line["old_action"]
        yield line["state_hash"], line["new_action"]
    for lines in moved:
        for line in lines:
            yield line["state_hash"], line["action_hash"]


async def _documents(
    connection: asyncpg.Connection,
    agent_type: str,
    versions: Sequence[int | None],
    pairs: Sequence[PairKey],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """States and actions by their hashes."""
    rows = await connection.fetch(
        sql("documents"),
        agent_type,
        [state for state, _ in pairs],
        [action for _, action in pairs],
        [number for number in versions if number is not None],
    )
    states = {row["state_hash"]: json.loads(row["state"]) for row in rows}
    return states, {row["action_hash"]: json.loads(row["action"]) for row in rows}
