"""Pairs under hashes that no look-up of LearningStore makes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qlmodels.doctor.check import CheckContext, query
from qlmodels.doctor.finding import Finding
from qlmodels.store.adopted_hashing import (
    original_action_hash,
    original_state_hash,
    original_text,
)
from qlmodels.store.errors import InvalidValue
from qlmodels.store.hashing import identify, parse

WHY = (
    "A look-up finds a pair by the hashes of its documents. Where its writer hashed them "
    "otherwise, its value is never used, and a second pair is learned beside it."
)


@dataclass(frozen=True)
class UnfoundPairs:
    name: str = "unfound_pairs"
    needs_owner: bool = False
    sample: int = 1000
    """Pairs of each agent type that are looked at."""

    async def findings(self, context: CheckContext) -> list[Finding]:
        rows = await context.connection.fetch(query(self.name), self.sample)
        of_type: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            of_type.setdefault(row["agent_type"], []).append(row)
        return [
            finding
            for agent_type, pairs in sorted(of_type.items())
            for kind in ("state", "action")
            for finding in self._of(agent_type, kind, pairs)
        ]

    def _of(self, agent_type: str, kind: str, pairs: list[Mapping[str, Any]]) -> Iterator[Finding]:
        """Not where all hashes are the clients' own and found: those look up by `Hashed`."""
        found = Counter(_asked(pair, kind) == pair[f"{kind}_hash"] for pair in pairs)
        is_missed = found[True] > 0 or pairs[0]["lookup_hits"] == 0
        if not found[False] or not is_missed:
            return
        example = next(pair for pair in pairs if _asked(pair, kind) != pair[f"{kind}_hash"])
        yield Finding(
            self.name,
            "warning",
            f"{found[False]} of {len(pairs)} pairs of {agent_type} have a {kind} hash that no "
            "look-up makes",
            f"the {kind} {example[kind][:60]} is stored under {example[f'{kind}_hash']}, and "
            f"LearningStore looks under {_asked(example, kind)}",
            WHY,
            f"write pairs of {agent_type} by LearningStore, or look them up by Hashed(...)",
        )


def _asked(pair: Mapping[str, Any], kind: str) -> str | None:
    """The hash that a look-up asks for; None for a document that it does not take."""
    try:
        document = parse(pair[kind])
        own = identify(document, kind).hash
    except InvalidValue:
        return None
    if pair["hashing"] is None:
        return own
    rule = original_state_hash if kind == "state" else original_action_hash
    if own in pair[f"adopted_{kind}s"]:
        return str(pair[f"{kind}_hash"])
    return rule(document, original_text(document))


CHECK = UnfoundPairs()
