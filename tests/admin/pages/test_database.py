"""The page that says whether the database is well, what mends it, and what its tables take."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.jobs import size_samples
from qlmodels_admin.pages.database.doctor_report import REPORT_MAX_AGE_S, DoctorReport
from qlmodels_admin.pages.database.expiring import Expiring, days, expiring
from qlmodels_admin.pages.database.page import headline

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.connection.transactions import read_transaction
from qlmodels.ddl.access import TABLES
from qlmodels.doctor import CHECKS, Finding
from qlmodels.formatting import format_size
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

PATH, CHECK = "/admin/database", "/admin/database/check"
NEEDS_OWNER = [check.name for check in CHECKS if check.needs_owner]

INSECURE = "row-level security of patterns is off"
MISSING = "index ix_patterns_trigger_conditions is missing"
UNVACUUMED = "autovacuum of rewards is off"


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Any) -> AsyncIterator[asyncpg.Connection]:
    async with connect(panel.owner) as connection:
        yield connection


@pytest_asyncio.fixture(loop_scope="session")
async def checkup(panel: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Of a panel that has checked nothing yet; what it finds here is forgotten."""
    checkup = panel.app.state.admin.sources.doctor_report
    for wait in ("first_wait_s", "stale_wait_s"):
        monkeypatch.setattr(checkup, wait, 30.0)  # however busy the machine is
    await checkup.stop()
    checkup.value = None
    checkup.forget()
    yield checkup
    checkup.value = None
    checkup.forget()


@pytest_asyncio.fixture(loop_scope="session")
async def broken(owner: asyncpg.Connection, checkup: Any) -> AsyncIterator[None]:
    index = await owner.fetchval(
        "select pg_get_indexdef('ix_patterns_trigger_conditions'::regclass)"
    )
    await owner.execute(
        "alter table patterns disable row level security;"
        "drop index ix_patterns_trigger_conditions;"
        "alter table rewards set (autovacuum_enabled = off)"
    )
    yield
    await owner.execute(
        "alter table patterns enable row level security;"
        "alter table rewards reset (autovacuum_enabled);"
        + str(index).replace("CREATE INDEX", "create index if not exists")
    )


@pytest.mark.browser
async def test_a_finding_is_gone_once_its_command_ran(
    page: Page, owner: asyncpg.Connection, broken: None
) -> None:
    await page.goto(PATH)
    finding = page.locator(".findings li").filter(has_text=INSECURE)
    await expect(finding.locator(".word")).to_have_text("error")
    await expect(finding).to_contain_text("relrowsecurity f")
    await expect(finding).to_contain_text("sees every agent's rows")
    await expect(page.locator("h1")).to_contain_text(f"of {len(CHECKS) - len(NEEDS_OWNER)} checks")
    await owner.execute(await finding.locator("code").inner_text())
    await page.reload()
    await expect(finding).to_have_count(1)
    await page.get_by_role("button", name="Check again").press("Enter")
    await expect(finding).to_have_count(0)
    await expect(page.locator(".findings")).to_contain_text(UNVACUUMED)


@pytest.mark.browser
async def test_it_reads_well_for_everybody(page: Page, broken: None) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await page.goto(PATH)
    await expect(page.locator(".findings li").filter(has_text=MISSING)).to_be_visible()
    await page.locator("summary", has_text="found nothing").press("Enter")
    await expect(page.get_by_text("server_version")).to_be_visible()
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    await expect(page.locator("td[data-label='dead rows']").first).to_be_visible()


async def test_viewers_see_what_is_found_and_what_mends_it(panel: Any, broken: None) -> None:
    async with await panel.client("viewer") as client:
        text = unescape((await client.get(PATH)).text)
        assert (await client.post(CHECK)).status_code == 403
    assert "Check again" not in text
    for what, fix in {
        INSECURE: "alter table public.patterns enable row level security, force",
        MISSING: "qlmodels repair",
        UNVACUUMED: "alter table public.rewards reset (autovacuum_enabled);",
    }.items():
        assert what in text
        assert fix in text


async def test_what_needs_the_owner_is_named(panel: Any, checkup: Any) -> None:
    async with await panel.client("viewer") as client:
        text = text_of((await client.get(PATH)).text)
    named = ", ".join(NEEDS_OWNER)
    assert f"{len(NEEDS_OWNER)} checks were not run: {named} (only the owner's login" in text
    assert "qlmodels doctor runs them as the owner." in text


async def test_a_view_does_not_check_anew(panel: Any, checkup: Any) -> None:
    async with await panel.client("editor") as client:
        await client.get(PATH)
        first = checkup.value
        await client.get(PATH)
        assert checkup.value is first
        assert (await client.get(CHECK)).status_code == 405
        refused = await client.post(CHECK, headers={"Origin": "https://evil.example"})
        assert refused.status_code == 403
        assert checkup.value is first
        assert not checkup.is_under_way
        answer = await client.post(CHECK)
        assert (answer.status_code, answer.headers["location"]) == (303, PATH)
        await client.get(PATH)
    assert checkup.value.at > first.at


async def test_a_report_of_yesterday_is_made_anew(panel: Any, checkup: Any) -> None:
    async with await panel.client("viewer") as client:
        await client.get(PATH)
        first = checkup.value
        checkup.read_at -= REPORT_MAX_AGE_S - 30
        await client.get(PATH)
        assert checkup.value is first
        checkup.read_at -= 31
        await client.get(PATH)
    assert checkup.value.at > first.at


async def test_checks_hold_up_nobody(panel: Any, checkup: Any, owner: asyncpg.Connection) -> None:
    async with await panel.client("editor") as client:
        async with owner.transaction():
            await owner.execute("lock table rewards in access exclusive mode")
            assert (await client.post(CHECK)).status_code == 303
            task = checkup._reading
            assert (await client.get("/admin/account")).status_code == 200
            assert (await client.post(CHECK)).status_code == 303
            assert checkup._reading is task
            assert checkup.is_under_way
        async with asyncio.timeout(60):
            await task
        assert "bloat" in checkup.value.passed


async def test_sizes_are_those_of_the_catalogs(
    panel: Any, checkup: Any, rows: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await owner.execute("analyze agent_types")
    async with await panel.client("viewer") as client:
        text = (await client.get(PATH)).text
    sizes = text[text.index('id="sizes"') :]
    for table in (*(f"public.{name}" for name in TABLES), "qlmodels_private.audit_log"):
        name = table.rpartition(".")[2]
        row = sizes[sizes.index(f">{name}</a") :]
        total = await rows.fetchval("select pg_total_relation_size($1::text::regclass)", table)
        assert row[: row.index("</tr>")].count(f">{format_size(total or 0)}</td>") >= 1
    types = await rows.fetchval("select count(*) from agent_types")
    assert f" ~{types} " in text_of(sizes[sizes.index(">agent_types</a") :])
    most = await rows.fetchval("select current_setting('max_connections')::int - 3")
    assert f"of {most} in use" in text
    assert f"{migrate.head()}, head {migrate.head()}" in text


def finding(check: str, level: Any) -> Finding:
    return Finding(check, level, "what", "evidence", "why", "fix;")


def report(*findings: Finding) -> DoctorReport:
    return DoctorReport(list(findings), datetime.now(UTC))


@pytest.mark.parametrize(
    ("revision", "made", "said"),
    [
        ("7", None, "Schema at head 7; nothing is checked yet; 9.0 MB."),
        ("7", report(), "Schema at head 7; none of 35 checks found anything; 9.0 MB."),
        (
            "6",
            report(finding("tls", "warning"), finding("drift", "skipped")),
            "Schema at 6, where this release wants 7; 1 of 34 checks found something, "
            "1 could not be asked; 9.0 MB.",
        ),
        (
            None,
            report(finding("logins", "error"), finding("logins", "error")),
            "Schema at base, where this release wants 7; 1 of 35 checks found something; 9.0 MB.",
        ),
    ],
)
async def test_the_headline_is_counted(revision: str, made: DoctorReport | None, said: str) -> None:
    assert headline({"revision": revision, "size": 9_000_000}, "7", made) == said


async def test_the_worst_comes_first() -> None:
    made = report(finding("a", "warning"), finding("b", "skipped"), finding("c", "error"))
    assert [one.check for one in made.troubles] == ["c", "a"]
    assert made.skipped == {"evidence": ["b"]}


async def page_of(panel: Any) -> str:
    async with await panel.client("viewer") as client:
        return unescape((await client.get(PATH)).text)


async def test_sizes_are_sampled_once_an_hour_and_their_growth_is_shown(
    panel: Any, rows: asyncpg.Connection
) -> None:
    engine = panel.app.state.engine
    await rows.execute("delete from qlmodels_admin.size_samples")
    assert "no sample" in await page_of(panel)
    for _ in range(2):
        await size_samples.sample(engine)
    count = "select count(*) from qlmodels_admin.size_samples where table_name = 'public.q_values'"
    assert await rows.fetchval(count) == 1
    assert "one sample" in await page_of(panel)
    await rows.execute(
        "insert into qlmodels_admin.size_samples (table_name, sampled_at, heap, indexes) "
        "select table_name, now() - n * interval '5 days', 0, 0 from "
        "qlmodels_admin.size_samples, generate_series(1, 90) as n"
    )
    async with read_transaction(engine) as connection:
        found = (await size_samples.growth(connection))["public.q_values"]
    assert found["since"] > datetime.now(UTC) - timedelta(days=31)
    assert found["sizes"][:-1] == [0] * (len(found["sizes"]) - 1)
    assert found["sizes"][-1] > 0
    assert f"+{format_size(found['grown'])}" in await page_of(panel)
    await size_samples.sample(engine)
    assert await rows.fetchval(f"{count} and sampled_at < now() - interval '401 days'") == 0
    await rows.execute("delete from qlmodels_admin.size_samples")


async def test_rows_that_expire_are_told_by_the_day(
    rows: asyncpg.Connection, panel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counted() -> Expiring:
        async with read_transaction(panel.app.state.engine) as connection:
            return (await expiring(connection))[0]

    before = await counted()
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
        "last_updated, expires_at) select 'quality-analyzer', n::text, $1, 'a', '1', "
        "now() - interval '60 days', "
        "case when n < 4 then now() - n * interval '1 hour' "
        "when n < 10 then date_trunc('day', now(), 'UTC') + interval '50 hours' "
        "when n < 15 then now() + interval '30 days' end "
        "from generate_series(1, 4000) as n",
        {"pad": "x" * 100},
    )
    now = await counted()
    after_tomorrow = days()[2]
    assert now.due - before.due == 3
    assert now.days[after_tomorrow] - before.days[after_tomorrow] == 6
    assert now.later - before.later == 5
    assert now.never - before.never == 3986
    monkeypatch.setattr("qlmodels_admin.pages.database.expiring.MAX_PAGES_READ", 30)
    part = await counted()
    assert part.share < 1
    assert 2000 < part.never < 8000
    await rows.execute("delete from q_values where agent_type = 'quality-analyzer'")


async def test_what_took_longest_is_told_as_far_as_the_login_sees(
    panel: Any, owner: asyncpg.Connection
) -> None:
    there = await owner.fetchval(
        "select count(*) from pg_extension where extname = 'pg_stat_statements'"
    )
    page = await page_of(panel)
    if there:
        assert "grant pg_read_all_stats to qlpanel_test;" in page
        assert "Statements by their total time" in page
    else:
        assert "shared_preload_libraries" in page


async def test_what_was_changed_by_hand_is_told(
    panel: Any, owner: asyncpg.Connection, checkup: Any
) -> None:
    assert "drift none" in text_of(await page_of(panel))
    await owner.execute("grant select on rewards to public")
    try:
        checkup.begin()
        await checkup.get()
        page = await page_of(panel)
    finally:
        await owner.execute("revoke select on rewards from public")
    assert "1 part of the schema was changed since upgrade" in page
    assert "privileges on table rewards: public has select now, nothing after upgrade" in page


async def test_a_check_that_fails_is_one_of_the_findings(
    panel: Any, checkup: Any, owner: asyncpg.Connection
) -> None:
    await owner.execute("alter table agent_states rename column lookups to looked_up")
    try:
        async with await panel.client("viewer") as client:
            answer = await client.get(PATH)
    finally:
        await owner.execute("alter table agent_states rename column looked_up to lookups")
    assert answer.status_code == 200
    text = unescape(answer.text)
    assert "learning could not be checked: column " in text
    assert "1 part of the schema was changed since upgrade" in text or "parts of the schema" in text
