"""This release on a database that an earlier one made: each way in names the command to run."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import copytree

import httpx
import pytest
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.sessions import SESSION_COOKIE, begin
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from qlmodels import QValue, acting_as, cli, migrate, paths
from qlmodels.connection import connect, create_engine, create_pool
from qlmodels.doctor import diagnose, diagnose_from_panel
from qlmodels.errors import WrongRevision
from qlmodels.logins import hash_password
from qlmodels.logins.panel_users import add_user
from qlmodels.store import LearningStore
from tests.conftest import PASSWORD, Database

CURRENT = migrate.head()
"""The revision of the databases, before this release is said to want a later one."""

pytestmark = pytest.mark.newest_first

AGENT = "test-generator"
CURE = "run `qlmodels upgrade`"

LATER = """
revision = "later"
down_revision = {before!r}
branch_labels = None
depends_on = None


def upgrade() -> None: ...


def downgrade() -> None: ...
"""

EARLIER = """
alter table q_values rename column visit_count to not_there_either;
alter function learn_step rename to not_there_yet;
"""


def forget_revisions() -> None:
    for kept in (migrate.head, migrate.known):
        kept.cache_clear()


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """This release has one revision more than the databases of these tests."""
    folder = copytree(paths.migrations(), tmp_path / "migrations")
    (folder / "versions" / "20991231_later.py").write_text(LATER.format(before=migrate.head()))
    monkeypatch.setattr("qlmodels.paths.migrations", lambda: folder)
    forget_revisions()
    yield
    monkeypatch.undo()
    forget_revisions()


@pytest.fixture
async def earlier(database: Database) -> Database:
    """A database without a column and a function that this release declares."""
    async with connect(database.owner) as owner:
        await owner.execute(EARLIER)
    return database


async def test_a_store(earlier: Database) -> None:
    async with create_pool(earlier.url(f"ql_{AGENT}")) as pool:
        store = LearningStore(pool, AGENT, rng=random.Random(1))
        with pytest.raises(WrongRevision, match=CURE):
            await store.learn("s", "a", 1.0, "t", next_actions=["a"])


@asynccontextmanager
async def session_of(database: Database) -> AsyncIterator[AsyncSession]:
    engine = create_engine(database.url("qlfleet_test"))
    try:
        async with acting_as(engine, AGENT) as session:
            yield session
    finally:
        await engine.dispose()


async def test_a_session_that_reads_rows(earlier: Database) -> None:
    with pytest.raises(WrongRevision, match=CURE):
        async with session_of(earlier) as session:
            await session.exec(select(QValue))


async def test_a_session_that_calls_a_function(earlier: Database) -> None:
    with pytest.raises(WrongRevision, match=CURE):
        async with session_of(earlier) as session:
            await (await session.connection()).execute(text("select learn_step()"))


async def test_a_statement_of_the_caller_s_own(database: Database) -> None:
    with pytest.raises(DBAPIError, match="no_such_column"):
        async with session_of(database) as session:
            await (await session.connection()).execute(text("select no_such_column from q_values"))


async def test_the_panel(earlier: Database) -> None:
    app = create_app(earlier.url("qlpanel_test"))
    async with connect(earlier.owner) as owner:
        await add_user(owner, "someone", "viewer", hash_password(PASSWORD))
    try:
        async with app.state.engine.begin() as connection:
            token = await begin(connection, "someone")
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://localhost",
            cookies={SESSION_COOKIE: token},
        ) as client:
            ready = await client.get("/readyz")
            page = await client.get("/admin/q_values/list")
    finally:
        await close_app(app)
    assert ready.status_code == 503
    assert CURE in ready.json()["reason"]
    assert page.status_code == 503
    assert "qlmodels upgrade" in page.text


async def test_the_doctor(earlier: Database) -> None:
    for found in (
        await diagnose(earlier.owner),
        await diagnose_from_panel(earlier.url("qlpanel_test")),
    ):
        [drifted] = [finding for finding in found if finding.check == "drift"]
        assert drifted.what == f"the schema is at revision {CURRENT}, this release wants later"
        assert drifted.fix == "qlmodels upgrade"


COMMANDS = (
    "check",
    "login list",
    "login create code-complexity",
    "user list",
    "agent list",
    "policy list test-generator",
    "realtime status",
    "export {folder}",
)


@pytest.fixture
def command(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Callable[[str], tuple[int, str]]:
    url = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    def run(words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["qlmodels", *words.split()])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), capsys.readouterr().err

    return run


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command(command: Callable[[str], tuple[int, str]], words: str, tmp_path: Path) -> None:
    status, said = command(words.format(folder=tmp_path / "archive"))
    assert status == 1
    assert said.count("\n") == 1
    assert f"is at revision {CURRENT}, but this release works with later" in said
    assert CURE in said


def test_a_later_schema_stops_no_command(
    database: Database, command: Callable[[str], tuple[int, str]]
) -> None:
    async def move_on() -> None:
        async with connect(database.owner) as owner:
            await owner.execute(
                "update qlmodels_private.alembic_version set version_num = 'of next year'"
            )

    asyncio.run(move_on())
    assert command("login list")[0] == 0
    assert command("agent list")[0] == 0
