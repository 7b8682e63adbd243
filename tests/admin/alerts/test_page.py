"""Admins set where alerts go; the URL and the secret are not shown again, nor kept in the log."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from qlmodels_admin.alerts import new_signing_secret

from qlmodels.connection import connect
from tests.support.axe import complaints_of
from tests.support.html import text_of

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

URL = "/admin/alerts"
HOOK = "https://hooks.example.com/services/T0/hush"
SECRET = new_signing_secret()
GOOD = {"name": "ops", "format": "webhook", "url": HOOK, "signing_secret": SECRET}


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with await panel.client("admin") as client:
        yield client
    async with connect(panel.owner) as owner:
        await owner.execute("delete from qlmodels_admin.alert_targets")


async def test_a_target_comes_and_goes(admin: httpx.AsyncClient, panel: Any) -> None:
    assert (await admin.post(f"{URL}/add", data=GOOD)).status_code == 303
    assert (await admin.post(f"{URL}/test", data={"name": "ops"})).status_code == 303
    page = text_of((await admin.get(URL)).text)
    assert "Alerts go to 1 target." in page
    assert "ops plain JSON, signed https://hooks.example.com/… admin" in page
    assert "test: test waiting" in page
    assert (await admin.post(f"{URL}/remove", data={"name": "ops"})).status_code == 303
    page = text_of((await admin.get(URL)).text)
    assert "Nobody is alerted yet." in page
    async with connect(panel.owner) as owner:
        entries = await owner.fetch(
            "select panel_user, operation, entry::text as whole"
            " from qlmodels_private.audit_log as entry"
            " where table_name = 'qlmodels_admin.alert_targets' order by changed_at"
        )
    assert [(entry["panel_user"], entry["operation"]) for entry in entries] == [
        ("admin", "insert"),
        ("admin", "delete"),
    ]
    for entry in entries:
        assert "hush" not in entry["whole"]
        assert SECRET not in entry["whole"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Give a name"),
        ({"name": "n" * 101}, "Give a name"),
        ({"format": "mail"}, "The format 'mail' is unknown"),
        ({"url": ""}, "The URL cannot be used"),
        ({"url": "https://"}, "The URL cannot be used"),
        ({"url": "https://[::1/hook"}, "The URL cannot be used"),
        ({"url": "https://example.com:99999/"}, "The URL cannot be used"),
        ({"url": "https://example.com/a b"}, "The URL cannot be used"),
        ({"url": "https://example.com/\x1fx"}, "The URL cannot be used"),
        ({"url": "https://ada:pw@example.com/"}, "without a user and password"),
        ({"url": "http://example.com/hook"}, "begins with http."),
        ({"url": "http://127.0.0.1/hook"}, "begins with http."),
        ({"url": "ftp://example.com/hook"}, "begins with ftp."),
        ({"signing_secret": "hush"}, "The signing secret is not"),
        ({"signing_secret": "whsec_aGk="}, "The signing secret is not"),
    ],
)
async def test_what_is_refused_is_said_beside_the_form(
    admin: httpx.AsyncClient, rows: asyncpg.Connection, fields: dict[str, str], message: str
) -> None:
    answer = await admin.post(f"{URL}/add", data={**GOOD, **fields})
    assert answer.status_code == 422
    assert message in text_of(answer.text)
    assert 'value="ops"' in answer.text or "name" in fields
    assert await rows.fetchval("select count(*) from qlmodels_admin.alert_targets") == 0


async def test_a_name_is_taken_once(admin: httpx.AsyncClient) -> None:
    await admin.post(f"{URL}/add", data=GOOD)
    answer = await admin.post(f"{URL}/add", data=GOOD)
    assert answer.status_code == 422
    assert "There is a target 'ops' already" in text_of(answer.text)


@pytest.mark.browser
async def test_by_hand(page: Page, panel: Any, admin: httpx.AsyncClient) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.goto(f"{panel.url}{URL}")
    await page.get_by_label("Name").fill("chat")
    await page.get_by_label("Format").select_option("slack")
    await page.get_by_label("URL").fill(HOOK)
    await page.get_by_role("button", name="Add target").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Alerts go to 1 target.")
    await page.get_by_role("button", name="Send a test: chat").click()
    await expect(page.get_by_text("test: test")).to_be_visible()
    assert await complaints_of(page) == []
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.get_by_role("button", name="Remove: chat").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nobody is alerted yet.")
    assert await complaints_of(page) == []
