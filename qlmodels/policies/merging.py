"""Copying what one agent type learned to another one."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import asyncpg

from qlmodels.policies.errors import NotMergeable
from qlmodels.policies.versions import environments_of, keep, sql

MergeRule: TypeAlias = Literal["visited", "weighted", "overwrite", "keep"]
"""Which values a pair gets that both have: of the more visited, the mean of both by their visits,
of the one that gives, or of the one that has it."""

MERGE_RULES: tuple[MergeRule, ...] = get_args(MergeRule)


@dataclass(frozen=True, slots=True)
class Merged:
    """Pairs that the one gave: new to the other, with other values there now, or as they were.

    `before` and `after` are the versions that were kept of the other; None in a preview. `stayed`
    are pairs that it learned by itself meanwhile.
    """

    pairs: int
    made: int
    changed: int
    stayed: int = 0
    before: int | None = None
    after: int | None = None

    @property
    def unchanged(self) -> int:
        return self.pairs - self.made - self.changed


async def preview_merge(
    connection: asyncpg.Connection, source: str, target: str, rule: MergeRule = "visited"
) -> Merged:
    """What `merge` would do now; raises what it would."""
    await _require_mergeable(connection, source, target)
    row = await _run(connection, "merge_count", source, target, rule)
    return Merged(row["pairs"], row["made"], row["changed"])


async def merge(
    connection: asyncpg.Connection, source: str, target: str, rule: MergeRule = "visited"
) -> Merged:
    """Give `target` what `source` learned, and keep its Q-table before and after.

    Whoever updates a pair of `target` meanwhile waits. Pairs are copied without their session,
    and expire as the target's do. Raises UnknownAgentType, NotMergeable.
    """
    await _require_mergeable(connection, source, target)
    await connection.execute(sql("lock_pairs"), target)
    before = await keep(connection, target, "merge", f"before {source} was merged into it")
    row = await _run(connection, "merge_write", source, target, rule)
    after = await keep(connection, target, "merge", f"with {source}, merged by rule {rule}")
    stayed = row["made"] + row["changed"] - row["written"]
    return Merged(row["pairs"], row["made"], row["changed"], stayed, before, after)


async def _require_mergeable(connection: asyncpg.Connection, source: str, target: str) -> None:
    if source == target:
        raise NotMergeable(f"{source} cannot be merged into itself: name another agent type.")
    environments = await environments_of(connection, [source, target])
    from_, into = environments[source], environments[target]
    if None not in (from_, into) and from_ != into:
        raise NotMergeable(
            f"{source} learns in environment {from_!r} and {target} in {into!r}, so the values of "
            "one say nothing in the other: nothing was merged. Set agent_types.environment if "
            "the two are one world."
        )


async def _run(
    connection: asyncpg.Connection, ending: str, source: str, target: str, rule: MergeRule
) -> asyncpg.Record:
    (row,) = await connection.fetch(sql("merge_plan") + sql(ending), source, target, rule)
    if row["clash"] is not None:
        raise NotMergeable(
            f"{source} and {target} both have the pair {row['clash']}, with different documents, "
            "so nothing was merged: hash every feature that the document holds, in both alike."
        )
    result: asyncpg.Record = row
    return result
