"""The recipes of docs/algorithms.md learn what the textbook does, on the same random numbers."""

import pytest

from benchmarks.algorithms.experiments import EXPERIMENTS, RUNS, Experiment, StoredResult
from benchmarks.algorithms.figures import METHODS
from benchmarks.algorithms.memory.cliff import Method
from benchmarks.algorithms.results import TOLERANCE
from benchmarks.algorithms.stored import Compared, StoredRuns

pytestmark = pytest.mark.one_major


def assert_alike(compared: Compared) -> None:
    assert compared.difference <= TOLERANCE
    assert compared.measured == pytest.approx(compared.in_memory, abs=TOLERANCE)


@pytest.mark.parametrize("method", METHODS)
async def test_cliff_walking(stored: StoredRuns, method: Method) -> None:
    assert_alike(await stored.cliff(method, alpha=0.4, episodes=1, run=3))


async def test_double_q_learning(stored: StoredRuns) -> None:
    assert_alike(await stored.double_q(episodes=20, run=3))


@pytest.mark.parametrize("n", [1, 4, 16])
async def test_n_steps(stored: StoredRuns, n: int) -> None:
    assert_alike(await stored.n_steps(n, alpha=0.4, episodes=3, run=3))


@pytest.mark.parametrize("decay", [0.0, 0.8])
async def test_traces(stored: StoredRuns, decay: float) -> None:
    assert_alike(await stored.traces(decay, alpha=0.3, episodes=1, run=3))


@pytest.mark.slow
@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda each: each.name)
async def test_thirty_runs_say_what_the_page_says(
    stored: StoredRuns, experiment: Experiment
) -> None:
    found = await experiment.compare(stored, RUNS)
    kept = StoredResult.kept()[experiment.name]
    assert found.difference <= TOLERANCE
    assert found.mean == pytest.approx(kept.mean, abs=TOLERANCE)
