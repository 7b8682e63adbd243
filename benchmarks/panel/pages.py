"""The pages that are compared: what a person would click, as URLs of both sides."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import asyncpg
from qlmodels_admin.rows.pagination import Order, write_cursor

from benchmarks.databases import Databases
from benchmarks.world import AGENTS
from qlmodels.connection import connect
from qlmodels.tables import QValue

OURS = "/admin/q_values"
THEIRS = "/admin/q-value"
SIZE = 50
AGENT = "visual-tester"
LIST, SORTED, FOUND = 0.03, 0.15, 0.05


@dataclass(frozen=True, slots=True)
class Page:
    """`goal` in seconds; sqladmin has no way to some of them."""

    name: str
    theirs: str | None
    ours: str
    goal: float | None = LIST


async def pages(served: Databases, database: str, pairs: int) -> list[Page]:
    async with connect(served.superuser(database)) as superuser:
        deep = pairs * 95 // 100
        found = await _whole(superuser, pairs, deep)
        found += await _within_agent(superuser, pairs // len(AGENTS) * 8 // 10)
        return found + await _searched(superuser)


async def _whole(superuser: asyncpg.Connection, pairs: int, deep: int) -> list[Page]:
    theirs, ours = f"{THEIRS}/list", f"{OURS}/list"
    last = -(-pairs // SIZE)
    found = [
        Page("first page", theirs, ours),
        Page("last page", f"{theirs}?page={last}", f"{ours}?last=1"),
    ]
    for name in ("q_value_id", "state_hash", "session_id"):
        order = _order(name, lead=True)
        row = await _row_at(superuser, order, deep)
        after = f"{ours}?sortBy={name}&after={write_cursor(order, row)}"
        before = f"{ours}?sortBy={name}&before={write_cursor(order, row)}"
        sort = f"{theirs}?sortBy={name}"
        found += [
            Page(f"by {name}", sort, f"{ours}?sortBy={name}"),
            Page(f"by {name}, page after row {deep:,}", f"{sort}&page={deep // SIZE}", after),
            Page(f"by {name}, page before it", None, before),
        ]
    return found


async def _within_agent(superuser: asyncpg.Connection, deep: int) -> list[Page]:
    found = []
    for name in ("q_value", "visit_count", "confidence_score", "last_updated"):
        order = _order(name, lead=False)
        row = await _row_at(superuser, order, deep, AGENT)
        ours = f"{OURS}/list?agent_type={AGENT}&sortBy={name}"
        theirs = f"{THEIRS}/list?agent_type={AGENT}&sortBy={name}"
        after = f"{ours}&after={write_cursor(order, row)}"
        found += [
            Page(f"{name} within an agent type", theirs, ours, SORTED),
            Page(
                f"{name}, page after row {deep:,}", f"{theirs}&page={deep // SIZE}", after, SORTED
            ),
        ]
    return found


async def _searched(superuser: asyncpg.Connection) -> list[Page]:
    row = await superuser.fetchrow(
        "select agent_type, q_value_id, state_hash, state_data::text as state from q_values "
        "order by q_value_id offset 1000 limit 1"
    )
    assert row is not None  # noqa: S101
    state = json.loads(row["state"])
    key = quote(f"{row['agent_type']};{row['q_value_id']}", safe="")
    found = [
        Page(
            f"search by a hash's first {size} letters",
            f"{THEIRS}/list?search={row['state_hash'][:size]}",
            f"{OURS}/list?search={row['state_hash'][:size]}",
            FOUND,
        )
        for size in (3, 8)
    ]
    for part in ("branch", "module", "coverage_percent"):
        wanted = quote(json.dumps({part: state[part]}))
        found.append(
            Page(f"states with this {part}", None, f"{OURS}/list?state_data={wanted}", FOUND)
        )
    return [
        *found,
        Page("a row", f"{THEIRS}/details/{key}", f"{OURS}/details/{key}", None),
        # sqladmin 0.32 has no form field for SQLAlchemy 2.1's Double and answers 500
        Page("its form", None, f"{OURS}/edit/{key}", None),
        Page("count exactly", None, f"{OURS}/list?count=exact", None),
    ]


def _order(name: str, *, lead: bool) -> Order:
    model: Any = QValue
    sort = getattr(model, name)
    leads = (model.agent_type,) if lead else ()
    rest = () if name == "q_value_id" else (model.q_value_id,)
    return Order(leads, sort, rest if lead else (model.agent_type, model.q_value_id))


async def _row_at(
    superuser: asyncpg.Connection, order: Order, place: int, agent: str | None = None
) -> dict[str, Any]:
    names: Sequence[str] = [attribute.key for attribute in order.attributes]
    listed = ", ".join(f'"{name}"' for name in names)
    row = await superuser.fetchrow(
        f"select {listed} from q_values where $1::text is null or agent_type = $1 "  # noqa: S608
        f"order by {listed} offset $2 limit 1",
        agent,
        place - 1,
    )
    assert row is not None  # noqa: S101
    return dict(row)
