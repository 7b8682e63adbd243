"""Whether the hot queries are answered by an index, on as many rows as there are."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding

HOT = {
    "the best action of a state": "plans_best_action",
    "the search for states that contain a document": "plans_find_states",
}
MANY = 10_000
"""Rows below which reading the whole table may be the faster way."""


@dataclass(frozen=True)
class PlansCheck:
    name: str = "plans"
    needs_owner: bool = True

    async def findings(self, context: CheckContext) -> list[Finding]:
        rows: int = await context.connection.fetchval(query(self.name)) or 0
        if rows < MANY:
            return []
        return [
            Finding(
                self.name,
                "error",
                f"{what} reads the whole of q_values",
                f"Postgres plans a Seq Scan over {rows:,} rows",
                "Each choice of each agent then costs as much as there are rows.",
                "analyze public.q_values;",
            )
            for what, name in HOT.items()
            if "Seq Scan" in _nodes(await context.connection.fetchval(query(name)) or "[]")
        ]


def _nodes(explained: str) -> list[str]:
    return [node for plan in json.loads(explained) for node in _walk(plan["Plan"])]


def _walk(node: dict[str, Any]) -> Iterator[str]:
    yield str(node["Node Type"])
    for below in node.get("Plans", ()):
        yield from _walk(below)


CHECK = PlansCheck()
