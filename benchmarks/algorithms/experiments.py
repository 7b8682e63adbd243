"""Thirty runs of each recipe through the database, beside the same runs in memory."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.algorithms.intervals import Mean
from benchmarks.algorithms.stored import Compared, StoredRuns

RUNS = 30
CONCURRENT = 6
KEPT = Path(__file__).parent / "kept" / "stored.json"


@dataclass(frozen=True)
class StoredResult:
    """The mean of the runs, and the largest difference of any of their values from memory's."""

    name: str
    setting: str
    mean: Mean
    difference: float

    @classmethod
    def kept(cls) -> dict[str, "StoredResult"]:
        rows = json.loads(KEPT.read_text("utf-8"))
        return {row["name"]: cls(**row | {"mean": Mean(**row["mean"])}) for row in rows}


@dataclass(frozen=True)
class Experiment:
    name: str
    setting: str
    run: Callable[[StoredRuns, int], Awaitable[Compared]]

    async def compare(self, stored: StoredRuns, runs: int) -> StoredResult:
        free = asyncio.Semaphore(CONCURRENT)

        async def one(run: int) -> Compared:
            async with free:
                return await self.run(stored, run)

        found = await asyncio.gather(*map(one, range(runs)))
        return StoredResult(
            self.name,
            self.setting,
            Mean.of([fmean(each.measured) for each in found]),
            max(each.difference for each in found),
        )


EXPERIMENTS: Sequence[Experiment] = (
    Experiment(
        "SARSA",
        "reward an episode, 10 episodes, alpha 0.4",
        lambda stored, run: stored.cliff("SARSA", 0.4, 10, run),
    ),
    Experiment(
        "Q-learning",
        "reward an episode, 10 episodes, alpha 0.4",
        lambda stored, run: stored.cliff("Q-learning", 0.4, 10, run),
    ),
    Experiment(
        "Expected SARSA",
        "reward an episode, 10 episodes, alpha 0.4",
        lambda stored, run: stored.cliff("Expected SARSA", 0.4, 10, run),
    ),
    Experiment(
        "Double Q-learning",
        "share of 100 episodes that went left",
        lambda stored, run: stored.double_q(100, run),
    ),
    *(
        Experiment(
            f"n-step TD, n = {n}",
            f"RMS error over 10 episodes, alpha {alpha}",
            lambda stored, run, n=n, alpha=alpha: stored.n_steps(n, alpha, 10, run),  # type: ignore[misc]
        )
        for n, alpha in ((1, 0.8), (4, 0.4), (16, 0.1))
    ),
    *(
        Experiment(
            f"TD(lambda), lambda = {decay:g}",
            f"RMS error over 10 episodes, alpha {alpha}",
            lambda stored, run, decay=decay, alpha=alpha: stored.traces(decay, alpha, 10, run),  # type: ignore[misc]
        )
        for decay, alpha in ((0.0, 0.8), (0.4, 0.6), (0.8, 0.3))
    ),
)


def document(results: Sequence[StoredResult]) -> str:
    return json.dumps([asdict(result) for result in results], indent=1) + "\n"


def table(results: Sequence[StoredResult]) -> str:
    """Markdown: a row an experiment."""
    lines = [
        "| recipe | measured | mean of 30 runs | largest difference from memory |",
        "|-|-|-|-|",
    ]
    for result in results:
        mean = f"{result.mean.mean:.3f} ± {result.mean.half:.3f}"
        at_most = "0" if result.difference == 0 else f"{result.difference:.0e}"
        lines.append(f"| {result.name} | {result.setting} | {mean} | {at_most} |")
    return "\n".join(lines)
