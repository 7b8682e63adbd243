"""The data: what 18 agents have learned, the same on every side and made anew from its number."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

AGENTS = (
    "test-generator",
    "test-executor",
    "coverage-analyzer",
    "quality-gate",
    "quality-analyzer",
    "performance-tester",
    "security-scanner",
    "requirements-validator",
    "production-intelligence",
    "fleet-commander",
    "deployment-readiness",
    "regression-risk-analyzer",
    "test-data-architect",
    "api-contract-validator",
    "flaky-test-hunter",
    "visual-tester",
    "chaos-engineer",
    "code-complexity",
)

ACTIONS_PER_STATE = 8
STRATEGIES = ("boundary", "property", "mutation", "snapshot", "fuzz", "contract", "smoke", "load")

Document = dict[str, Any]


@dataclass(frozen=True)
class World:
    """`pairs` in all, and `hot` ones that clients touch: both spread evenly over the agents."""

    pairs: int
    hot: int

    def __post_init__(self) -> None:
        if self.states < 1 or self.hot_states < 1:
            raise ValueError(f"{self.pairs} pairs are too few: give each agent a state or more")

    @property
    def states(self) -> int:
        """Of one agent."""
        return self.pairs // len(AGENTS) // ACTIONS_PER_STATE

    @property
    def hot_states(self) -> int:
        return min(self.hot, self.pairs) // len(AGENTS) // ACTIONS_PER_STATE

    def some_state(self, rng: random.Random, agent_type: str) -> Document:
        """A hot state, as a service would make it: a new dictionary."""
        return state(agent_type, rng.randrange(self.hot_states))

    def episode(self, rng: random.Random, agent_type: str, steps: int = 15) -> Document:
        """`steps` actions and rewards, and a state more."""
        return {
            "task_id": f"task-{rng.randrange(10**9)}",
            "states": [self.some_state(rng, agent_type) for _ in range(steps + 1)],
            "actions": [action(rng.randrange(ACTIONS_PER_STATE)) for _ in range(steps)],
            "rewards": [round(rng.uniform(-1, 1), 4) for _ in range(steps)],
        }

    def all_pairs(self) -> Iterator[tuple[str, Document, Document, float]]:
        """Agent type, state, action, value; in the order in which agents would meet states."""
        rng = random.Random(1)
        for number in range(self.states):
            for agent_type in AGENTS:
                met = state(agent_type, number)
                for chosen in range(ACTIONS_PER_STATE):
                    yield agent_type, met, action(chosen), round(rng.uniform(-10, 10), 6)


def state(agent_type: str, number: int) -> Document:
    """Six features, about 200 bytes of JSON."""
    return {
        "branch": f"feature/{agent_type}/ticket-{number:07d}",
        "complexity": number % 97,
        "coverage_percent": number * 7 % 101,
        "framework": "pytest-asyncio",
        "module": f"services/{agent_type}/handlers/module_{number:07d}.py",
        "recent_failures": number % 5,
    }


def action(number: int) -> Document:
    return {"action": f"generate_{STRATEGIES[number]}_test"}


def text(document: Document) -> str:
    """Canonical JSON: for ASCII text and whole numbers this is what RFC 8785 gives."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def digest(document: Document) -> str:
    return hashlib.sha256(text(document).encode()).hexdigest()


@lru_cache(maxsize=ACTIONS_PER_STATE)
def action_digest(number: int) -> str:
    return digest(action(number))
