"""A backup brings back every row and login, by owners that are no superusers, on other servers."""

import asyncio
import json
import shutil
import stat
import tempfile
import threading
import zipfile
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import URL

from qlmodels import logins, migrate, policies
from qlmodels.backup import (
    BackupDamaged,
    BackupInTheWay,
    DatabaseHoldsRows,
    NothingToBackUp,
    back_up,
    restore_backup,
)
from qlmodels.connection import connect
from qlmodels.embedded import EmbeddedServer, all_binaries, provision
from qlmodels.errors import WrongRevision
from tests.conftest import PASSWORD, Database

T = TypeVar("T")
ROWS = (Path(__file__).parents[1] / "archive" / "rows.sql").read_text("utf-8")
USER = "insert into qlmodels_admin.users (name, role, password_hash) values ('ann', 'admin', 'x')"
LOGIN = "ql_quality-gate"

pytestmark = pytest.mark.one_major


def run(action: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(action)


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    """Rows that are hard to keep, a user, a version of a policy, and a login of its own."""
    async with connect(database.owner) as owner:
        await owner.execute(ROWS)
        await owner.execute(USER)
        await policies.keep(owner, "own-agent", note="before")
        await logins.create(owner, "agent", "quality-gate", PASSWORD, connection_limit=3)
    yield database
    async with connect(database.superuser) as superuser:
        await superuser.execute(f'drop role if exists "{LOGIN}"')


def entries(file: Path) -> dict[str, list[bytes]]:
    """The rows of a backup by table, in an order that does not matter."""
    with zipfile.ZipFile(file) as archive:
        return {
            name: sorted(archive.read(name).splitlines())
            for name in archive.namelist()
            if name != "manifest.json"
        }


async def drop_login(database: Database) -> None:
    async with connect(database.owner) as owner:
        await logins.drop(owner, LOGIN)


async def seen_by(url: URL) -> str:
    async with connect(url) as agent:
        return str(await agent.fetchval("select agent_type from agent_types"))


def test_everything_comes_back(filled: Database, empty_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    manifest = back_up(filled.owner, file, superuser=filled.superuser)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert manifest.logins_without_password == []
    run(drop_login(filled))

    _, made = restore_backup(empty_database.owner, file)
    assert made.whole == [LOGIN]
    assert "ql_test-generator" in made.there_already
    again = tmp_path / "again"
    back_up(empty_database.owner, again)
    assert entries(again) == entries(file)
    assert len(entries(file)["public.q_values"]) == 42
    assert run(seen_by(empty_database.url(LOGIN))) == "quality-gate"
    migrate.check(empty_database.owner)
    run(_goes_on(empty_database))


async def _goes_on(database: Database) -> None:
    """Numbers go on behind the last one, triggers and row security are as they were."""
    async with connect(database.owner) as owner:
        highest = await owner.fetchval("select max(reward_id) from rewards")
        following = await owner.fetchval(
            "insert into rewards (agent_type, state_hash, action_hash, reward_value) "
            "values ('own-agent', 's', 'a', 1) returning reward_id"
        )
        assert int(following or 0) > int(highest or 0)
        assert await owner.fetchval(
            "select bool_and(tgenabled = 'O') from pg_trigger where not tgisinternal"
        )
        assert await owner.fetchval(
            "select count(*) >= 7 from pg_class where relforcerowsecurity and relrowsecurity"
        )
        [login] = [it for it in await logins.list_logins(owner) if it.name == LOGIN]
        assert (login.connection_limit, login.made_here) == (3, True)


def test_without_a_superuser_passwords_are_missing_and_said_so(
    filled: Database, empty_database: Database, tmp_path: Path
) -> None:
    manifest = back_up(filled.owner, tmp_path / "backup")
    assert LOGIN in manifest.logins_without_password
    run(drop_login(filled))
    _, made = restore_backup(empty_database.owner, tmp_path / "backup")
    assert made.without_password == [LOGIN]

    async def rotate() -> None:
        async with connect(empty_database.owner) as owner:
            await logins.rotate(owner, LOGIN, PASSWORD)

    run(rotate())
    assert run(seen_by(empty_database.url(LOGIN))) == "quality-gate"


def test_it_holds_one_moment(filled: Database, tmp_path: Path) -> None:
    """What is written while the tables are copied is in all of them or in none."""

    class Writes:
        def part(self, what: str, total: int) -> Any:  # noqa: ARG002
            return run_beside

    async def write() -> None:
        async with connect(filled.owner) as owner:
            await owner.execute(
                "insert into sessions (agent_type, session_name) values ('own-agent', 'later')"
            )
            await owner.execute("update q_values set q_value = 77 where agent_type = 'own-agent'")

    def run_beside(_: int) -> None:
        thread = threading.Thread(target=lambda: asyncio.run(write()))
        thread.start()
        thread.join()
        done.append(thread)

    done: list[threading.Thread] = []
    back_up(filled.owner, tmp_path / "backup", watch=Writes())
    assert len(done) > 7
    rows = entries(tmp_path / "backup")
    assert b"later" not in b"".join(rows["public.sessions"])
    assert not [row for row in rows["public.q_values"] if b"\t77\t" in row]


def test_rows_that_are_there_stay(filled: Database, database: Database, tmp_path: Path) -> None:
    back_up(filled.owner, tmp_path / "backup")
    before = (tmp_path / "backup").read_bytes()
    with pytest.raises(DatabaseHoldsRows, match=r"Nothing was changed"):
        restore_backup(filled.owner, tmp_path / "backup")
    with pytest.raises(BackupInTheWay):
        back_up(filled.owner, tmp_path / "backup")
    assert (tmp_path / "backup").read_bytes() == before
    back_up(filled.owner, tmp_path / "again")
    assert entries(tmp_path / "again") == entries(tmp_path / "backup")


def test_the_way_back_of_a_downgrade(filled: Database, tmp_path: Path) -> None:
    back_up(filled.owner, tmp_path / "backup", superuser=filled.superuser)
    migrate.downgrade(filled.owner, "base")
    restore_backup(filled.owner, tmp_path / "backup")
    back_up(filled.owner, tmp_path / "again", superuser=filled.superuser)
    assert entries(tmp_path / "again") == entries(tmp_path / "backup")
    assert run(seen_by(filled.url(LOGIN))) == "quality-gate"


def test_an_earlier_revision_is_backed_up_and_restored(
    empty_database: Database, tmp_path: Path
) -> None:
    migrate.upgrade(empty_database.owner, "0001")
    manifest = back_up(empty_database.owner, tmp_path / "backup")
    assert manifest.revision == "0001"
    migrate.downgrade(empty_database.owner, "base")
    restore_backup(empty_database.owner, tmp_path / "backup")
    assert run(migrate.current(empty_database.owner)) == migrate.head()


@pytest.mark.parametrize("cut", [0, 100, -30])
def test_a_damaged_file_is_refused(
    cut: int, database: Database, empty_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    back_up(database.owner, file)
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(BackupDamaged):
        restore_backup(empty_database.owner, file)
    assert run(migrate.current(empty_database.owner)) is None


def test_a_changed_byte_is_noticed(
    database: Database, empty_database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    back_up(database.owner, file)
    with zipfile.ZipFile(file) as archive:
        offset = archive.getinfo("public.agent_types").header_offset + 80
    content = bytearray(file.read_bytes())
    content[offset] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(BackupDamaged):
        restore_backup(empty_database.owner, file)


def test_a_later_release_is_named(
    database: Database, empty_database: Database, tmp_path: Path
) -> None:
    back_up(database.owner, tmp_path / "backup")
    with zipfile.ZipFile(tmp_path / "backup") as archive:
        manifest = json.loads(archive.read("manifest.json"))
    manifest["revision"] = "9999"
    with zipfile.ZipFile(tmp_path / "later", "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(WrongRevision, match="revision 9999"):
        restore_backup(empty_database.owner, tmp_path / "later")


def test_a_database_that_is_not_ours(empty_database: Database, tmp_path: Path) -> None:
    with pytest.raises(NothingToBackUp):
        back_up(empty_database.owner, tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
@pytest.mark.skipif(len(all_binaries()) < 2, reason="one major version of PostgreSQL")
def test_from_the_oldest_major_to_the_newest(tmp_path: Path) -> None:
    """Servers of their own, so that the logins are made on the second one, too."""
    oldest, *_, newest = sorted(all_binaries(), key=lambda it: it.major)
    file = tmp_path / "backup"
    homes = [Path(tempfile.mkdtemp(prefix="qlt")) for _ in range(2)]
    try:
        with EmbeddedServer(homes[0], binaries=oldest, durable=False) as server:
            owner = run(provision(server))
            migrate.upgrade(owner)
            run(_fill(owner))
            superuser = server.url(server.superuser, server.password, str(owner.database))
            back_up(owner, file, superuser=superuser)
        with EmbeddedServer(homes[1], binaries=newest, durable=False) as server:
            owner = run(provision(server))
            _, made = restore_backup(owner, file)
            assert made.whole == [LOGIN]
            migrate.check(owner)
            back_up(owner, tmp_path / "again")
            assert entries(tmp_path / "again") == entries(file)
            assert run(seen_by(owner.set(username=LOGIN, password=PASSWORD))) == "quality-gate"
    finally:
        for home in homes:
            shutil.rmtree(home)


async def _fill(url: URL) -> None:
    async with connect(url) as owner:
        await owner.execute(ROWS)
        await owner.execute(USER)
        await logins.create(owner, "agent", "quality-gate", PASSWORD)
