"""Copying what one agent type learned to another one."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import asyncpg

from qlmodels.policies.errors import NotMergeable
from qlmodels.policies.versions import environments_of, keep, require_version, sql

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
    connection: asyncpg.Connection,
    source: str,
    target: str,
    rule: MergeRule = "visited",
    *,
    version: int | None = None,
) -> Merged:
    """What `merge` would do now; raises what it would."""
    given = await _given(connection, source, target, version)
    row = await _run(connection, "merge_count", given, target, rule)
    return Merged(row["pairs"], row["made"], row["changed"])


async def merge(
    connection: asyncpg.Connection,
    source: str,
    target: str,
    rule: MergeRule = "visited",
    *,
    version: int | None = None,
) -> Merged:
    """Give `target` what `source` learned, now or until a kept version of it.

    The target's Q-table is kept before and after. Updates of its pairs wait meanwhile. Pairs are
    copied without their session, and expire as the target's do. Raises UnknownAgentType,
    NoSuchVersion, NotMergeable.
    """
    given = await _given(connection, source, target, version)
    return await _merge(connection, given, target, rule)


async def merge_archived(
    connection: asyncpg.Connection,
    agent_type: str,
    environment: str | None,
    rule: MergeRule,
    origin: str,
) -> Merged:
    """`merge`, of the pairs in the temporary table archived_pairs, which learned in `environment`.

    `origin` names the archive. Raises UnknownAgentType, NotMergeable.
    """
    environments = await environments_of(connection, [agent_type])
    _require_one_environment(origin, environment, agent_type, environments[agent_type])
    given = _Given(agent_type, None, "pairs_of_archive", origin)
    return await _merge(connection, given, agent_type, rule)


@dataclass(frozen=True, slots=True)
class _Given:
    """Where the pairs come from: the file that reads them, and its agent type and version."""

    agent_type: str
    version: int | None
    pairs: str
    name: str


async def _given(
    connection: asyncpg.Connection, source: str, target: str, version: int | None
) -> _Given:
    if source == target:
        raise NotMergeable(f"{source} cannot be merged into itself: name another agent type.")
    environments = await environments_of(connection, [source, target])
    _require_one_environment(source, environments[source], target, environments[target])
    name = source
    if version is not None:
        await require_version(connection, source, version)
        name = f"version {version} of {source}"
    return _Given(source, version, "pairs_of_agent_type", name)


def _require_one_environment(source: str, from_: str | None, target: str, into: str | None) -> None:
    if None not in (from_, into) and from_ != into:
        raise NotMergeable(
            f"{source} learns in environment {from_!r} and {target} in {into!r}, so the values of "
            "one say nothing in the other: nothing was merged. Set agent_types.environment if "
            "the two are one world."
        )


async def _merge(
    connection: asyncpg.Connection, given: _Given, target: str, rule: MergeRule
) -> Merged:
    await connection.execute(sql("lock_pairs"), target)
    before = await keep(connection, target, "merge", f"before {given.name} was merged into it")
    row = await _run(connection, "merge_write", given, target, rule)
    after = await keep(connection, target, "merge", f"with {given.name}, merged by rule {rule}")
    stayed = row["made"] + row["changed"] - row["written"]
    return Merged(row["pairs"], row["made"], row["changed"], stayed, before, after)


async def _run(
    connection: asyncpg.Connection, ending: str, given: _Given, target: str, rule: MergeRule
) -> asyncpg.Record:
    statement = sql("merge_plan").format(pairs=sql(given.pairs)) + sql(ending)
    (row,) = await connection.fetch(statement, given.agent_type, target, rule, given.version)
    if row["clash"] is not None:
        raise NotMergeable(
            f"{given.name} and {target} both have the pair {row['clash']}, with different "
            "documents, so nothing was merged: hash every feature that the document holds, in both "
            "alike."
        )
    result: asyncpg.Record = row
    return result
