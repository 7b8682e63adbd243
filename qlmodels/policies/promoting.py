"""Giving one agent type the Q-table of another, exactly, and taking that back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from qlmodels.policies.errors import NothingPromoted, NotPromotable, SettingsDiffer
from qlmodels.policies.restoring import Restored, restore
from qlmodels.policies.versions import environments_of, keep, require_version, sql

SETTING_LABELS: Final[Mapping[str, str]] = {
    "initial_q_value": "initial_q_value",
    "environment": "environment",
    "action_space_dimensions": "number of actions",
}


@dataclass(frozen=True, slots=True)
class Promoted:
    """Pairs that were given: new to the agent type, or with other values there; and those removed.

    `settings` are those that change with it, by column. `before` and `after` are the versions that
    were kept; None in a preview. `stayed` are pairs that agents learned meanwhile.
    """

    pairs: int
    made: int
    changed: int
    removed: int
    settings: Mapping[str, Any]
    stayed: int = 0
    before: int | None = None
    after: int | None = None


async def preview_promotion(
    connection: asyncpg.Connection,
    source: str,
    target: str,
    *,
    version: int | None = None,
    with_settings: bool = False,
) -> Promoted:
    """Return what `promote` would do now; raises what it would."""
    settings = await _differing(connection, source, target, version, with_settings)
    row = await connection.fetchrow(_plan("promote_count"), source, target, None, version)
    assert row is not None  # noqa: S101  # counts
    return Promoted(row["pairs"], row["made"], row["changed"], row["removed"], settings)


async def promote(
    connection: asyncpg.Connection,
    source: str,
    target: str,
    *,
    version: int | None = None,
    with_settings: bool = False,
) -> Promoted:
    """Make the Q-table of `target` that of `source`, now or in a kept version of it.

    Every state has the same greedy action in both then. Values, visits, confidence and documents
    are copied; sessions are not, and pairs expire as the target's do. The target's own Q-table is
    kept as a version before, and as another one after. Updates of its pairs wait meanwhile; a pair
    that is new meanwhile stays. `with_settings` also copies initial_q_value, environment and
    action_space_dimensions.

    Raises UnknownAgentType, NoSuchVersion, SettingsDiffer, NotPromotable.
    """
    settings = await _differing(connection, source, target, version, with_settings)
    await connection.execute(sql("lock_pairs"), target)
    named = source if version is None else f"version {version} of {source}"
    before = await keep(connection, target, "promote", f"before {named} was promoted")
    await connection.execute(sql("lock_pairs"), target)  # those that came before they were kept
    if settings:
        await _set_settings(connection, target, settings)
    row = await connection.fetchrow(_plan("promote_write"), source, target, before, version)
    assert row is not None  # noqa: S101  # counts
    after = await keep(connection, target, "promote", f"{named} promoted")
    meant = row["changed"] + row["made"] + row["removed"]
    return Promoted(
        row["pairs"],
        row["made"],
        row["changed"],
        row["removed"],
        settings,
        meant - row["written"],
        before,
        after,
    )


async def take_back(connection: asyncpg.Connection, target: str) -> Restored:
    """Make the Q-table of `target` what it was before its last promotion, and its settings too.

    Raises UnknownAgentType, NothingPromoted.
    """
    before, after = await last_promotion(connection, target)
    then, promoted = [await _settings(connection, target, one) for one in (before, after)]
    done = await restore(connection, target, before)
    changed = {name: value for name, value in then.items() if value != promoted[name]}
    if changed:
        await _set_settings(connection, target, changed)
    return done


async def last_promotion(connection: asyncpg.Connection, target: str) -> tuple[int, int]:
    """Return the versions kept before and after it. Raises UnknownAgentType, NothingPromoted."""
    await environments_of(connection, [target])
    row = await connection.fetchrow(sql("last_promotion"), target)
    if row is None:
        raise NothingPromoted(
            f"Nothing was promoted to {target}, so there is nothing to take back. `qlmodels "
            f"policy list {target}` shows the versions that can be restored."
        )
    return row["before"], row["after"]


async def _differing(
    connection: asyncpg.Connection,
    source: str,
    target: str,
    version: int | None,
    with_settings: bool,
) -> dict[str, Any]:
    """Return the settings of the source that the target has otherwise; raises as `promote`."""
    if source == target:
        raise NotPromotable(
            f"{source} cannot be promoted to itself. `qlmodels policy restore` brings a version "
            "back."
        )
    await environments_of(connection, [source, target])
    if version is not None:
        kept = await require_version(connection, source, version)
        if kept.reason == "purge":
            raise NotPromotable(
                f"Version {version} of {source} holds the pairs that a purge removed, which is no "
                "whole Q-table. Name another version."
            )
    given = await connection.fetchrow(sql("settings"), source, version)
    own = await connection.fetchrow(sql("settings"), target, None)
    assert given is not None  # noqa: S101  # both exist
    assert own is not None  # noqa: S101
    if given["hashing"] != own["hashing"]:
        raise NotPromotable(
            f"{source} and {target} hash states and actions by different rules, so the pairs of "
            f"one are not found by the other. `qlmodels agent copy {target}` makes an agent type "
            "that hashes as the target does."
        )
    theirs, ours = json.loads(given["settings"]), json.loads(own["settings"])
    settings = {name: value for name, value in theirs.items() if value != ours[name]}
    if settings and not with_settings:
        differences = "; ".join(
            f"{SETTING_LABELS[name]} is {value!r} there and {ours[name]!r} here"
            for name, value in settings.items()
        )
        raise SettingsDiffer(
            f"The settings of {source} and {target} differ, so the values would mean something "
            f"else: {differences}. Copy them, too (--with-settings), or choose another agent type."
        )
    return settings


async def _settings(
    connection: asyncpg.Connection, agent_type: str, version: int
) -> dict[str, Any]:
    row = await connection.fetchrow(sql("settings"), agent_type, version)
    assert row is not None  # noqa: S101  # it exists
    found: dict[str, Any] = json.loads(row["settings"])
    return found


async def _set_settings(
    connection: asyncpg.Connection, agent_type: str, settings: Mapping[str, Any]
) -> None:
    row = await connection.fetchrow(sql("settings"), agent_type, None)
    assert row is not None  # noqa: S101  # it exists
    whole = {**json.loads(row["settings"]), **settings}
    await connection.execute(sql("set_settings"), agent_type, json.dumps(whole))


def _plan(ending: str) -> str:
    return sql("promote_plan").format(pairs=sql("pairs_of_agent_type")) + sql(ending)
