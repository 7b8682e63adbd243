"""Patterns: how well each works, how far that can be told, and what it was made from."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels.verdicts import CONFIDENCE_Z
from qlmodels_admin.db import statements_of
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.web import known_agent_type, uuid_parameter

query = statements_of(__package__)

MAX_PATTERNS: Final = 200

INTERVAL_WIDTH_PX: Final = 120
"""Of the picture of an interval, in pixels."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of so many uses succeeded, with Wilson's 95 % interval."""

    successes: int
    uses: int

    @property
    def rate(self) -> float | None:
        return self.successes / self.uses if self.uses else None

    @property
    def interval(self) -> tuple[float, float]:
        """Everything, where nothing is known."""
        if not self.uses:
            return 0.0, 1.0
        rate, square = self.successes / self.uses, CONFIDENCE_Z**2
        middle = rate + square / (2 * self.uses)
        spread = CONFIDENCE_Z * math.sqrt(
            rate * (1 - rate) / self.uses + square / (4 * self.uses**2)
        )
        whole = 1 + square / self.uses
        return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)

    def __str__(self) -> str:
        if self.rate is None:
            return "never used"
        low, high = self.interval
        return f"{self.rate:.0%} of {self.uses:,}, {low:.0%} to {high:.0%}"

    @property
    def works(self) -> bool | None:
        """More often than not; None where that cannot be told yet."""
        low, high = self.interval
        return True if low > 0.5 else False if high < 0.5 else None

    def against(self, other: "Share") -> str:
        """In few words, as far as the intervals are apart."""
        if self.interval[0] > other.interval[1]:
            return "better than"
        return "worse than" if self.interval[1] < other.interval[0] else "not distinguishable from"


@dataclass(frozen=True, slots=True)
class Member:
    """A pattern in its family; `depth` is how often it was made from another there."""

    row: Any
    depth: int
    share: Share
    former: "Member | None"

    @property
    def name(self) -> str:
        return f"{self.row['pattern_name']} v{self.row['version']}"

    @property
    def compared(self) -> str:
        """To what it was made from."""
        return "" if self.former is None else self.share.against(self.former.share)


def share_of(row: Any) -> Share:
    return Share(row["success_count"], row["success_count"] + row["failure_count"])


def lineage(rows: Sequence[Any]) -> list[Member]:
    """Each below what it was made from, by version; rows in a ring stand where they are met."""
    rows = sorted(rows, key=lambda row: (row["pattern_name"], row["version"]))
    known = {row["pattern_id"]: row for row in rows}
    children: dict[UUID | None, list[Any]] = {}
    for row in rows:
        parent = row["parent_pattern_id"]
        children.setdefault(parent if parent in known else None, []).append(row)
    members: dict[UUID, Member] = {}

    def place(row: Any, former: Member | None) -> Iterator[Member]:
        waiting = [(row, former)]
        while waiting:
            current, before = waiting.pop()
            if current["pattern_id"] in members:
                continue
            depth = 0 if before is None else before.depth + 1
            member = Member(current, depth, share_of(current), before)
            members[current["pattern_id"]] = member
            yield member
            waiting += [
                (child, member) for child in reversed(children.get(current["pattern_id"], []))
            ]

    roots = [*children.get(None, []), *rows]
    return [member for row in roots for member in place(row, None)]


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    names = await sources.learning.names()
    parameters = request.query_params
    agent_type = parameters.get("agent_type") or None
    if agent_type is not None:
        known_agent_type(agent_type, names)
    common = {
        "names": names,
        "agent_type": agent_type,
        "SHOWN": MAX_PATTERNS,
        "WIDTH": INTERVAL_WIDTH_PX,
    }
    async with read_transaction(sources.engine) as connection:
        if parameters.get("pattern"):
            key = {
                "agent_type": agent_type,
                "pattern_id": uuid_parameter(parameters["pattern"], "pattern's id"),
            }
            return common | await _one(connection, key)
        values = {"agent_type": agent_type, "size": MAX_PATTERNS}
        rows = (await connection.execute(query("patterns"), values)).mappings().all()
    patterns = [(row, share_of(row)) for row in rows]
    return {**common, "chosen": None, "patterns": patterns, "headline": headline(patterns)}


async def _one(connection: AsyncConnection, key: Mapping[str, Any]) -> dict[str, Any]:
    rows = (await connection.execute(query("patterns_family"), key)).mappings().all()
    family = lineage(rows)
    chosen = next(
        (member for member in family if member.row["pattern_id"] == key["pattern_id"]), None
    )
    if chosen is None:
        raise HTTPException(404, f"There is no pattern {key['pattern_id']} of this agent type.")
    states = (await connection.execute(query("patterns_states"), key)).mappings().one()
    return {
        "chosen": chosen,
        "family": family,
        "states": states,
        "headline": headline_of(chosen),
        "examples": list(zip(states["hashes"], states["documents"], strict=True)),
    }


def headline(patterns: Sequence[tuple[Any, Share]]) -> str:
    """How many work, as far as can be told, and which do not."""
    if not patterns:
        return "No pattern has been remembered yet."
    count = f"{len(patterns)} pattern{'s' * (len(patterns) != 1)}"
    works = sum(share.works is True for _, share in patterns)
    fails = [row for row, share in patterns if share.works is False]
    text = f"{works} of {count} {'works' if works == 1 else 'work'} more often than not"
    if fails:
        first = f"{fails[0]['pattern_name']} of {fails[0]['agent_type']}"
        text += f"; {len(fails)} {'does' if len(fails) == 1 else 'do'} not, first {first}"
    rest = len(patterns) - works - len(fails)
    return f"{text}; {rest} cannot be judged yet." if rest else f"{text}."


def headline_of(member: Member) -> str:
    """How well it works, and against what it was made from."""
    if member.share.rate is None:
        return f"{member.name} of {member.row['agent_type']} has never been used."
    low, high = member.share.interval
    text = f"{member.name} of {member.row['agent_type']} worked in {member.share.rate:.0%} of "
    text += f"{member.share.uses:,} use{'s' * (member.share.uses != 1)} ({low:.0%} to {high:.0%})"
    if member.former is None or member.former.share.rate is None:
        return f"{text}."
    return f"{text}, {member.compared} {member.former.name}'s {member.former.share.rate:.0%}."


PATTERNS = Page("effectiveness", "Patterns", "Inspect", "/patterns", "pages/patterns.html", read)
