"""What a fleet will hold on a day, and how long that fits a plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from qlmodels.estimate.measuring import Measured, Table
from qlmodels.estimate.plans import Plan

MAX_DAYS = 36_500
"""Days after which nobody looks."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a fleet will hold: `pairs` of each agent, and episodes that come and expire."""

    agents: int
    pairs: int
    tasks_a_day: int
    """Episodes that each agent records a day."""

    retention_days: int
    rewards_a_task: int = 0
    """Rewards that are kept as rows of their own, for each episode."""

    def rows(self, day: int) -> dict[Table, int]:
        """How many rows there are after so many days; what expires is purged."""
        episodes = self.agents * self.tasks_a_day * min(day, self.retention_days)
        return {
            "q_values": self.agents * self.pairs,
            "trajectories": episodes,
            "rewards": episodes * self.rewards_a_task,
        }


def storage(measured: Measured, load: Load, day: int) -> float:
    """Bytes of the whole database after `day` days.

    Pairs count whole from the first day: what is learned from again never expires. Rows that the
    three tables hold already are part of the load.
    """
    rows = load.rows(day)
    return measured.other_bytes + sum(rows[size.table] * size.total for size in measured.sizes)


def days_within(measured: Measured, load: Load, plan: Plan) -> int | None:
    """For how many days a plan is large enough; None for always."""
    if storage(measured, load, MAX_DAYS) <= plan.database_bytes:
        return None
    return next(
        day
        for day in range(load.retention_days + 1)
        if storage(measured, load, day + 1) > plan.database_bytes
    )


def moments(load: Load, days: Sequence[int] = (1, 7, 30, 90, 180, 365)) -> list[int]:
    """Days that are worth a line: from one to the end of retention, after which nothing grows."""
    return sorted({day for day in days if day < load.retention_days} | {load.retention_days})
