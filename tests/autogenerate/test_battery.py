"""The battery, put to our own engine; minutes long, so among the slow tests."""

from collections.abc import Iterator

import pytest

from qlmodels.embedded import all_binaries
from tests.autogenerate.battery.cases import Case, all_cases
from tests.autogenerate.battery.report import table
from tests.autogenerate.battery.runner import Bench, Outcome
from tests.autogenerate.battery.server import Server
from tests.autogenerate.battery.tools.ours import Ours
from tests.conftest import Cluster

NEWEST = max(binaries.major for binaries in all_binaries())
EVERY = 14
"""Of so many cases the quick run takes one."""


@pytest.fixture(scope="module")
def bench(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    binaries = next(found for found in all_binaries() if found.major == cluster.running.major)
    server = Server.of(cluster.running, binaries)
    bench = Bench(server, Ours(tmp_path_factory.mktemp("battery")))
    yield bench
    bench.close()


def test_cases_are_many_and_told_apart() -> None:
    labels = [case.label for case in all_cases(NEWEST)]
    assert len(labels) >= 130
    assert len(set(labels)) == len(labels)


@pytest.mark.slow
def test_a_sample_is_seen_repaired_and_undone(bench: Bench) -> None:
    _put(bench, all_cases(bench.server.major)[::EVERY])


@pytest.mark.slow
def test_every_case_is_seen_repaired_and_undone(bench: Bench) -> None:
    _put(bench, all_cases(bench.server.major))


def _put(bench: Bench, cases: list[Case]) -> None:
    outcomes: list[Outcome] = [bench.put(case) for case in cases]
    print(table(outcomes))  # noqa: T201  what the battery is for
    failed = [outcome for outcome in outcomes if not outcome.as_expected]
    assert not failed, "\n\n".join(f"{outcome.case.label}: {outcome.trouble}" for outcome in failed)
