"""Guesses at passwords: counted in the database before they are compared, for all processes."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth import passwords, throttle
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from qlmodels_admin.auth.throttle import AttemptLimit, TooManyAttempts, admit, take_back

from qlmodels.connection import connect
from qlmodels.logins import password_matches
from tests.admin.conftest import serve

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

PASSWORD = "correct horse battery staple"
GUESSES = 90


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Any) -> Any:
    async with connect(panel.owner) as connection:
        await connection.execute("delete from qlmodels_admin.sign_in_attempts")
        yield connection
        await connection.execute("delete from qlmodels_admin.sign_in_attempts")


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that argon2 was asked about."""
    found: list[str] = []
    real = password_matches

    def watched(known: str | None, password: str) -> bool:
        found.append(password)
        return real(known, password)

    monkeypatch.setattr(passwords, "password_matches", watched)
    return found


@pytest.fixture
def comparing_threads(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads that argon2 was asked in."""
    threads: set[int] = set()
    real = password_matches

    def watched(known: str | None, password: str) -> bool:
        threads.add(threading.get_ident())
        return real(known, password)

    monkeypatch.setattr(passwords, "password_matches", watched)
    return threads


@contextlib.asynccontextmanager
async def processes(panel: Any, count: int) -> AsyncIterator[list[str]]:
    """Panels on one database, each with an engine of its own; the URLs."""
    async with contextlib.AsyncExitStack() as stack:
        urls = []
        for _ in range(count):
            app = create_app(panel.login, background=False)
            stack.push_async_callback(close_app, app)
            urls.append(await stack.enter_async_context(serve(app)))
        yield urls


def browser(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=60, headers={"Origin": url})


async def guess(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    return await client.post("/admin/login", data={"username": name, "password": password})


@pytest.mark.parametrize("count", [1, 2], ids=["one process", "two processes"])
async def test_of_many_guesses_at_once_five_are_compared(
    panel: Any, owner: asyncpg.Connection, compared: list[str], count: int
) -> None:
    async with processes(panel, count) as urls, contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(browser(url)) for url in urls]
        answers = await asyncio.gather(
            *(guess(clients[i % count], "admin", f"guess {i}") for i in range(GUESSES)),
            guess(clients[-1], "admin", PASSWORD),
        )
        right = answers[-1]
        statuses = Counter(answer.status_code for answer in answers)
        assert len(compared) == 5, (compared, statuses)
        assert (right.status_code == 303) == (PASSWORD in compared)
        refused = [answer for answer in answers if answer.status_code in {429, 503}]
        assert len(refused) == GUESSES + 1 - 5
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        # the right password does not get in afterwards either, nor has another account to wait
        if PASSWORD not in compared:
            assert (await guess(clients[0], "admin", PASSWORD)).status_code == 429
        assert (await guess(clients[0], "viewer", PASSWORD)).status_code == 303


async def test_an_address_has_twenty_guesses_under_any_names(
    panel: Any, owner: asyncpg.Connection, compared: list[str]
) -> None:
    async with processes(panel, 2) as urls, browser(urls[0]) as one, browser(urls[1]) as other:
        answers = await asyncio.gather(
            *(guess((one, other)[i % 2], f"name {i}", "guess") for i in range(60))
        )
    assert len(compared) == 20
    assert Counter(answer.status_code for answer in answers)[400] == 20
    rows = await owner.fetchval("select count(*) from qlmodels_admin.sign_in_attempts")
    assert 0 < (rows or 0) <= 2 * 60 + 1


async def test_pages_are_answered_while_passwords_are_compared(
    panel: Any, owner: asyncpg.Connection, comparing_threads: set[int]
) -> None:
    async with processes(panel, 1) as urls, browser(urls[0]) as client, browser(urls[0]) as reader:
        reader.cookies.set(SESSION_COOKIE, await panel.token("admin"))
        guesses = [asyncio.create_task(guess(client, f"name {i}", "guess")) for i in range(20)]
        pending = []
        while not all(task.done() for task in guesses):
            page = await reader.get("/admin/rewards/list")
            pending.append(sum(not task.done() for task in guesses))
            assert page.status_code == 200
    assert pending[0] > 0
    assert comparing_threads
    assert threading.get_ident() not in comparing_threads


async def test_an_account_has_a_limit_over_all_addresses(
    panel: Any, owner: asyncpg.Connection
) -> None:
    engine = panel.app.state.engine
    for i in range(100):
        await admit(engine, throttle.keys_of("admin", f"10.0.{i}.1"))
    with pytest.raises(TooManyAttempts) as refused:
        await admit(engine, throttle.keys_of("admin", "10.1.0.1"))
    assert 800 < refused.value.wait <= 900
    # an attempt that is refused under one key counts under none
    row = "select cardinality(attempted_at) from qlmodels_admin.sign_in_attempts where key = $1"
    key = throttle.ADDRESS.key("10.1.0.1")
    assert not await owner.fetchval(row, key)


async def test_what_is_taken_back_does_not_count(panel: Any, owner: asyncpg.Connection) -> None:
    engine = panel.app.state.engine
    keys = throttle.keys_of("editor", "192.0.2.1")
    for _ in range(12):
        attempt = await admit(engine, keys)
        await take_back(engine, attempt, clears=False)
    for _ in range(3):
        await admit(engine, keys)
    await take_back(engine, await admit(engine, keys))
    kept = await owner.fetch(
        "select key, cardinality(attempted_at) as count from qlmodels_admin.sign_in_attempts"
    )
    assert {bytes(row["key"]): row["count"] for row in kept} == {
        keys[throttle.ACCOUNT_AND_ADDRESS]: 0,
        keys[throttle.ADDRESS]: 3,
        keys[throttle.ACCOUNT]: 3,
    }


async def test_attempts_age_and_their_rows_go(panel: Any, owner: asyncpg.Connection) -> None:
    engine = panel.app.state.engine
    short = AttemptLimit("short", 2, timedelta(minutes=1))
    for i in range(30):
        for _ in range(2):
            await admit(engine, {short: short.key(str(i))})
    with pytest.raises(TooManyAttempts):
        await admit(engine, {short: short.key("7")})
    await owner.execute(
        "update qlmodels_admin.sign_in_attempts set expires_at = expires_at - interval '1 minute', "
        "attempted_at = array(select at - interval '1 minute' from unnest(attempted_at) as at)"
    )
    await admit(engine, {short: short.key("7")})
    await admit(engine, {short: short.key("another")})
    left = "select count(*) from qlmodels_admin.sign_in_attempts"
    assert await owner.fetchval(left) == 2


async def test_many_who_ask_at_once_neither_deadlock_nor_overcount(
    panel: Any, owner: asyncpg.Connection
) -> None:
    engine, as_many_as_connections = panel.app.state.engine, asyncio.Semaphore(10)

    async def attempt(i: int) -> bool:
        try:
            async with as_many_as_connections:
                await admit(engine, throttle.keys_of(f"name {i % 7}", f"10.9.0.{i % 5}"))
        except TooManyAttempts:
            return False
        return True

    admitted = await asyncio.gather(*(attempt(i) for i in range(400)))
    assert sum(admitted) == 5 * 20


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
    ],
)
async def test_an_address_is_what_one_client_may_choose_from(address: str, network: str) -> None:
    assert throttle.network_of(address) == network
