"""Autogenerate with models and databases of other projects: revised, upgraded, undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qlmodels.embedded import all_binaries
from tests.autogenerate.strangers.case import Case, all_cases
from tests.autogenerate.strangers.runner import Project, Run, Server
from tests.conftest import PASSWORD, Cluster

OWNER = "app"
LOGINS = (
    f"create role {OWNER} login createdb createrole password '{PASSWORD}'",
    "create role bi login",
)


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[Server]:
    running = cluster.running
    binaries = next(found for found in all_binaries() if found.major == running.major)
    superuser = running.url(running.superuser, running.password, "postgres")
    owner = superuser.set(username=OWNER, password=PASSWORD)
    server = Server(superuser, owner, binaries.folder, running.major)
    server.run(superuser, *LOGINS)
    yield server
    server.run(superuser, f"drop role {OWNER}", "drop role bi")


def _marked(case: Case) -> object:
    return pytest.param(case, id=case.name, marks=[] if case.quick else [pytest.mark.long])


@pytest.mark.parametrize("case", [*map(_marked, all_cases())])
def test_strangers_schema(
    case: Case, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Run(case.on(server.major), server, Project(folder, monkeypatch)).faults_of_case()
    assert not faults, "\n".join(faults)
