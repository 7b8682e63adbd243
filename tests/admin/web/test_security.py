"""What strangers, other sites and broken requests get."""

from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qlmodels_admin import create_app
from qlmodels_admin.app import close_app
from starlette.applications import Starlette

from qlmodels import migrate
from qlmodels.connection import connect

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

DATABASE_WORDS = (
    "sqlalchemy",
    "asyncpg",
    "Traceback",
    "SELECT ",
    "INSERT ",
    "violates",
    "relation",
)


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


async def test_no_get_changes_anything(admin: httpx.AsyncClient, rows: asyncpg.Connection) -> None:
    for route in ("agent_types/delete?pk=code-complexity&_confirmed=1", "logout"):
        assert (await admin.get(f"/admin/{route}")).status_code == 405
    assert await rows.fetchval("select true from agent_types where agent_type = 'code-complexity'")


# -- headers -----------------------------------------------------------------------------------


HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""Written out, so that what is lost is missed."""


@pytest.mark.parametrize(
    ("route", "status", "cached"),
    [
        ("/", 307, "no-store"),
        ("/healthz", 200, "no-store"),
        ("/nowhere", 404, "no-store"),
        ("/admin/", 200, "no-store"),
        ("/admin/login", 200, "no-store"),
        ("/admin/nowhere/list", 404, "no-store"),
        ("/admin/q_values/list", 200, "no-store"),
        ("/admin/statics/panel.js", 200, "no-cache"),
    ],
)
async def test_every_answer_has_its_headers(
    admin: httpx.AsyncClient, route: str, status: int, cached: str
) -> None:
    answer = await admin.get(route)
    wanted = {**HEADERS, "cache-control": cached}
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in wanted} == wanted


async def test_pages_hold_no_inline_script_style_or_foreign_address(
    admin: httpx.AsyncClient,
) -> None:
    for route in (
        "/admin/",
        "/admin/login",
        "/admin/account",
        "/admin/sign-in?token=x",
        "/admin/q_values/list",
        "/admin/q_values/create",
        "/admin/agent_types/details/quality-gate",
        "/admin/nowhere/list",
    ):
        page = (await admin.get(route)).text
        assert "<script>" not in page
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in page


# -- hosts, redirects and words from the URL ---------------------------------------------------


async def test_only_known_hosts_are_answered(admin: httpx.AsyncClient) -> None:
    for host in ("evil.example", "", "localhost.evil.example"):
        answer = await admin.get("/admin/", headers={"Host": host})
        assert answer.status_code == 400
    for host in ("localhost:8000", "127.0.0.1", "[::1]:80"):
        assert (await admin.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/admin/", "//evil.example/admin/", "/\\evil.example", "/else"]
)
async def test_signing_in_leads_nowhere_else(panel: Any, wanted: str) -> None:
    async with await panel.client() as client:
        answer = await client.post(
            "/admin/login",
            data={"username": "viewer", "password": "correct horse battery staple", "next": wanted},
        )
    assert answer.headers["location"] == "/admin/"


async def test_no_text_of_the_url_is_told_as_ours(admin: httpx.AsyncClient) -> None:
    for name in ("error", "note", "message"):
        page = await admin.get("/admin/q_values/list", params={name: "your account is locked"})
        told = page.text.replace("your+account", "").replace('value="your account is locked"', "")
        assert "your account is locked" not in told


# -- broken requests ---------------------------------------------------------------------------

BROKEN_KEYS = [
    "abc",
    "%00",
    "%2500",
    "quality-gate",
    "quality-gate%3B",
    "quality-gate%3Babc",
    "a%3Bb%3Bc",
    "quality-gate%3B99999999999999999999999",
    "quality-gate%3B" + "9" * 5000,
    "x" * 3000,
    "quality-gate%3B-1",
    "%ff%fe",
    "%5C",
    "..%2F..%2Fetc",
    "quality-gate%3B1%00",
    "quality-gate%3B%D9%A1",
]


@pytest.mark.parametrize("table", ["agent_types", "sessions", "q_values"])
@pytest.mark.parametrize("page", ["details", "edit"])
async def test_a_malformed_key_is_not_found(
    admin: httpx.AsyncClient, table: str, page: str
) -> None:
    for key in BROKEN_KEYS:
        if (table, key) == ("agent_types", "quality-gate"):
            continue
        answer = await admin.get(f"/admin/{table}/{page}/{key}")
        assert answer.status_code == 404, key
        for word in DATABASE_WORDS:
            assert word not in answer.text


BROKEN_LISTS = [
    "search=%00",
    "search=%7B",
    "search=%7B%22a%22%3A%22%5Cu0000%22%7D",
    "search=" + "x" * 5000,
    "search=%ff",
    "search=%25%5C_",
    "session_id=abc",
    "session_id=%00",
    "state_data=%7B%7D%7D",
    "state_data=NaN",
    "q_value=a..b",
    "q_value=..",
    "q_value=nan..inf",
    "q_value=1e400",
    "visit_count=99999999999999999999",
    "after=abc",
    "after=%00",
    "before=W10",
    "after=WyJhIiwxXQ",
    "after=W251bGwsbnVsbF0",
    "sortBy=nothing",
    "sortBy=state_data",
    "pageSize=-1",
    "pageSize=999999999999",
    "pageSize=%D9%A1",
    "last=1&after=x",
    "count=exact&search=%5B",
    "agent_type=%00",
    "agent_type=nobody",
    "state_data=" + "%5B" * 3000,
    "page=-5",
    "page=x",
    "state_hash=%F0%9F%98%80",
]


async def test_a_malformed_list_is_explained(admin: httpx.AsyncClient) -> None:
    for query in BROKEN_LISTS:
        for page in ("list", "export/csv"):
            answer = await admin.get(f"/admin/q_values/{page}?{query}")
            assert answer.status_code in {200, 422}, (page, query, answer.text[-600:])
            for word in DATABASE_WORDS:
                assert word not in answer.text, (page, query)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    path=st.text(max_size=40),
    name=st.sampled_from(["search", "state_data", "q_value", "after", "before", "agent_type"]),
    value=st.text(max_size=40),
    body=st.dictionaries(st.sampled_from(["pk", "_opened", "q_value", "save"]), st.text()),
)
async def test_no_request_breaks_the_panel(
    admin: httpx.AsyncClient, path: str, name: str, value: str, body: dict[str, str]
) -> None:
    safe_path = httpx.URL("/admin/q_values/details/").copy_with(
        raw_path=b"/admin/q_values/details/" + _quoted(path)
    )
    encoded = {key: text.encode("utf-8", "replace").decode() for key, text in body.items()}
    value = value.encode("utf-8", "replace").decode()
    answers = [
        await admin.get(safe_path),
        await admin.get("/admin/q_values/list", params={name: value}),
        await admin.post("/admin/q_values/delete", data=encoded),
        await admin.post("/admin/agent_types/edit/quality-gate", data=encoded),
    ]
    assert all(answer.status_code < 500 for answer in answers), answers


def _quoted(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace")).encode()


# -- readiness ---------------------------------------------------------------------------------


async def test_readiness_tells_of_the_database(
    panel: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with await panel.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = {"status": "ready", "background_work": "left to other processes"}
        assert (await client.get("/readyz")).json() == ready
    nowhere = create_app(panel.login.set(port=1), background=False)
    transport = httpx.ASGITransport(nowhere)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["reason"] == "The database does not answer."
        page = await client.get("/admin/", headers={"Cookie": "qlmodels_panel=x"})
        assert page.status_code == 503
        assert "The database does not answer now." in page.text
    told = [one for one in caplog.records if "does not answer: " in one.getMessage()]
    assert told
    assert all(one.exc_info is None for one in told)


async def test_readiness_tells_of_the_revision(panel: Any, empty_database: Any) -> None:
    async def reason(app: Starlette) -> str:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.get("/readyz")
        await close_app(app)
        assert answer.status_code == 503
        return str(answer.json()["reason"])

    async with connect(panel.owner) as owner:
        version = "update qlmodels_private.alembic_version set version_num = $1"
        await owner.execute(version, "later")
        said = await reason(create_app(panel.login, background=False))
        await owner.execute(version, migrate.head())
    assert "is at revision later, but this release works with" in said
    nowhere = create_app(panel.login.set(database=empty_database.name))
    assert "is at revision base" in await reason(nowhere)
