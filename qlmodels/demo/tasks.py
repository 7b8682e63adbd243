"""What the demo's agents learn, with the hyperparameters that reach the optimum.

Ties are broken at random and untried actions look better than they are, so that every action is
tried without an epsilon. Taxi and CliffWalking are deterministic: alpha stays 1. FrozenLake
slips: alpha decays with the visits of a pair, slowly enough to forget the optimism. The last task
has hyperparameters that cannot reach it, so that there is something to be seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Task:
    agent_type: str
    display_name: str
    environment: str
    """Its name in Gymnasium."""

    description: str
    steps: int
    """Learning steps, of all instances together."""

    horizon: int
    """Steps after which an episode is cut short."""

    instances: int
    hyperparameters: Mapping[str, float]
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the environment."""

    way_begins: Mapping[str, Any] = field(default_factory=dict)
    """Features of the state from which on a way is worth remembering."""


TASKS = (
    Task(
        agent_type="demo-taxi",
        display_name="Demo: Taxi",
        environment="Taxi-v4",
        description="Fetches a passenger and drives them to their hotel (Gymnasium's Taxi-v4)",
        steps=65_000,
        horizon=200,
        instances=2,
        hyperparameters={
            "learning_rate": 1.0,
            "discount_factor": 0.99,
            "exploration_rate": 0.0,
            "min_exploration_rate": 0.0,
            "initial_q_value": 20.0,
            "state_space_dimensions": 4,
            "action_space_dimensions": 6,
        },
        way_begins={"passenger": "in taxi"},
    ),
    Task(
        agent_type="demo-cliff",
        display_name="Demo: Cliff walking",
        environment="CliffWalking-v1",
        description="Walks along a cliff without falling (Gymnasium's CliffWalking-v1)",
        steps=4_000,
        horizon=500,
        instances=1,
        hyperparameters={
            "learning_rate": 1.0,
            "discount_factor": 1.0,
            "exploration_rate": 0.0,
            "min_exploration_rate": 0.0,
            "initial_q_value": 0.0,
            "state_space_dimensions": 2,
            "action_space_dimensions": 4,
        },
    ),
    Task(
        agent_type="demo-lake",
        display_name="Demo: Frozen lake",
        environment="FrozenLake-v1",
        description="Crosses a slippery frozen lake with holes (Gymnasium's FrozenLake-v1, 4x4)",
        steps=60_000,
        horizon=100,
        instances=2,
        hyperparameters={
            "learning_rate": 0.7,
            "learning_rate_decay": 0.35,
            "discount_factor": 0.99,
            "exploration_rate": 0.0,
            "min_exploration_rate": 0.0,
            "initial_q_value": 0.8,
            "state_space_dimensions": 2,
            "action_space_dimensions": 4,
        },
        options={"map_name": "4x4", "is_slippery": True},
    ),
    Task(
        agent_type="demo-unsettled",
        display_name="Demo: cannot settle, on purpose",
        environment="FrozenLake-v1",
        description=(
            "Never learns to cross the slippery lake, to show what the panel says of such an "
            "agent: at learning rate 1 the last outcome is all that a value remembers, and "
            "exploration does not fall"
        ),
        steps=20_000,
        horizon=100,
        instances=1,
        hyperparameters={
            "learning_rate": 1.0,
            "discount_factor": 0.99,
            "exploration_rate": 0.3,
            "min_exploration_rate": 0.3,
            "initial_q_value": 0.0,
            "state_space_dimensions": 2,
            "action_space_dimensions": 4,
        },
        options={"map_name": "4x4", "is_slippery": True},
    ),
)

AGENT_TYPES = tuple(task.agent_type for task in TASKS)
