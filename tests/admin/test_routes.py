"""Every route of the panel by every role, and what malformed requests get."""

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import pytest_asyncio
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from starlette.applications import Starlette
from starlette.routing import Mount, Route

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

IDENTITIES = (
    "agent_types",
    "sessions",
    "q_values",
    "trajectories",
    "rewards",
    "patterns",
    "agent_states",
    "audit_log",
)
ALL = frozenset({"viewer", "editor", "admin"})
WRITERS = frozenset({"editor", "admin"})
ADMINS = frozenset({"admin"})
NOBODY: frozenset[str] = frozenset()

MAY = {
    "account": ALL,
    "index": ALL,
    "search": ALL,
    "fleet": ALL,
    "fleet.stream": ALL,
    "curves": ALL,
    "trajectory": ALL,
    "effectiveness": ALL,
    "isolation": ALL,
    "policy": ALL,
    "policy.keep": WRITERS,
    "policy.restore": ADMINS,
    "policy.promote": ADMINS,
    "policy.take-back": ADMINS,
    "database": ALL,
    "database.check": WRITERS,
    "alerts": ADMINS,
    "alerts.add": ADMINS,
    "alerts.remove": ADMINS,
    "alerts.test": ADMINS,
    "users": ADMINS,
    "users.user": ADMINS,
    "users.add": ADMINS,
    "users.role": ADMINS,
    "users.activate": ADMINS,
    "users.deactivate": ADMINS,
    "users.remove": ADMINS,
    "users.link": ADMINS,
    "users.reset": ADMINS,
    "users.connect": ADMINS,
    "users.disconnect": ADMINS,
    "users.sign-out": ADMINS,
    "list": ALL,
    "details": ALL,
    "find": ALL,
    "pick": WRITERS,
    "export": ALL,
    "create": WRITERS,
    "edit": WRITERS,
    "import": WRITERS,
    "restore": WRITERS,
    "delete": ADMINS,
    "act": WRITERS,
    "undo": WRITERS,
    "ajax_lookup": NOBODY,
    "run": ALL,
    "run_progress": ALL,
    "run_start": ALL,
    "run_cancel": ALL,
}
"""Who may use a route; a run is its owner's, so a run that is not there is found by nobody."""

DOORS = {"login", "sign_in", "logout", "oidc", "oidc.callback", "oidc.sign_out"}
STREAMS = {"fleet.stream"}
"""Never end, so that a client without a browser cannot wait for them; see test_fleet_page.py."""
READ_ONLY = {"create", "edit", "import", "restore", "delete", "act"}
"""What nobody may do to the audit log."""

FILLED = {
    "{pk:path}": "quality-gate%3B00000000-0000-4000-8000-000000000000",
    "{entry:int}": "1",
    "{export_type}": "csv",
    "{field}": "agent_type",
    "{run:uuid}": "00000000-0000-4000-8000-000000000000",
}
ACTIONS = {
    "agent_types": "active",
    "sessions": "end",
    "q_values": "expiry",
    "trajectories": "priority",
    "rewards": "delete",
    "patterns": "expiry",
    "agent_states": "status",
    "audit_log": "delete",
}

WORDS = (
    b"sqlalchemy",
    b"asyncpg",
    b"Traceback",
    b"SELECT ",
    b"INSERT INTO",
    b"UPDATE ",
    b"violates",
    b"pg_catalog",
    b'relation "',
    b"SQLSTATE",
    b"psycopg",
    b'File "',
)


def routes(app: Starlette) -> Iterator[tuple[str, str, str, str]]:
    """Name, method, table and path of every route, so that none can be forgotten here."""
    for route in app.state.admin.admin.router.routes:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route)
        assert route.name in MAY or route.name in DOORS | STREAMS, f"who may use {route.path}?"
        for identity in IDENTITIES if "{identity}" in route.path else ("",):
            path = route.path.replace("{identity}", identity)
            path = path.replace("{action}", ACTIONS.get(identity, ""))
            for name, value in FILLED.items():
                path = path.replace(name, value)
            for method in sorted(route.methods or ()):
                yield route.name, method, identity, f"/admin{path}"


@pytest.mark.parametrize("role", ["viewer", "editor", "admin", None])
async def test_no_route_lets_a_role_do_what_it_may_not(panel: Any, role: str | None) -> None:
    async with await panel.client(role) as client:
        for name, method, identity, path in routes(panel.app):
            if name in DOORS or (name in STREAMS and role is not None):
                continue
            answer = await client.request(method, path)
            seen = (name, method, path, answer.status_code)
            allowed = MAY[name]
            if name == "act" and ACTIONS[identity] == "delete":
                allowed = ADMINS
            if identity == "audit_log" and name in READ_ONLY:
                allowed = NOBODY
            if role is None:
                assert answer.status_code == (303 if method in {"GET", "HEAD"} else 401), seen
            elif role not in allowed or method == "DELETE":
                assert answer.status_code in {400, 403, 404, 405}, seen
                assert role in ALL
            else:
                assert answer.status_code in {200, 303, 404, 409, 422}, seen


# -- malformed requests ------------------------------------------------------------------------

PIECES: tuple[bytes, ...] = (
    b"%00",
    b"\x00",
    b"%ff%fe",
    b"\xff\xfe",
    b"..",
    b"%2F..%2F",
    b"%5C",
    b";",
    b"%3B",
    b",",
    b"%25",
    b"%",
    b"%zz",
    b"' or 1=1 --",
    b'"',
    b"<script>",
    b"{}",
    b"[[",
    b"null",
    b"NaN",
    b"1e400",
    b"9" * 40,
    b"-1",
    b"0",
    b"\xed\xa0\x80",
    b"%ED%A0%80",
    b"\xf0\x9f\x98\x80",
    b"quality-gate",
    b"quality-gate%3B1",
    b"00000000-0000-4000-8000-000000000000",
    b"a" * 3000,
    b"priority",
    b"delete",
    b"csv",
    b"json",
    b"1",
    b"%D9%A1",
    b'{"a": "\\u0000"}',
    b"$$",
    b"",
)
NAMES: tuple[bytes, ...] = (
    b"search",
    b"agent_type",
    b"session_id",
    b"state_data",
    b"q_value",
    b"visit_count",
    b"after",
    b"before",
    b"last",
    b"sortBy",
    b"sort",
    b"pageSize",
    b"count",
    b"who",
    b"table",
    b"row",
    b"time",
    b"transaction",
    b"operation",
    b"note",
    b"next",
    b"token",
    b"completed_at",
    b"success",
    b"instance",
    b"environment",
    b"by",
    b"groups",
    b"change",
    b"run",
    b"undo",
    b"q",
    b"version",
    b"against",
    b"state",
    b"contains",
    b"page",
    b"restore",
    b"user",
)
FIELDS: tuple[bytes, ...] = (
    b"pk",
    b"_opened",
    b"_base",
    b"_agreed",
    b"_ask",
    b"_choice.q_value",
    b"_confirmed",
    b"save",
    b"q_value",
    b"state_data",
    b"expires_at",
    b"column",
    b"priority",
    b"kept",
    b"agent_type",
    b"extra",
    b"description.null",
    b"retention_days",
    b"old",
    b"new",
    b"username",
    b"password",
    b"user",
    b"role",
    b"subject",
)
PATHS: tuple[bytes, ...] = (
    b"/admin/",
    b"/admin/login",
    b"/admin/sign-in",
    b"/admin/account",
    b"/admin/@/list",
    b"/admin/@/details/*",
    b"/admin/@/edit/*",
    b"/admin/@/create",
    b"/admin/@/delete",
    b"/admin/@/import",
    b"/admin/@/export/*",
    b"/admin/@/restore/*",
    b"/admin/@/act/*",
    b"/admin/@/ajax/lookup",
    b"/admin/runs/*",
    b"/admin/runs/*/start",
    b"/admin/statics/*",
    b"/admin/curves",
    b"/admin/trajectory",
    b"/admin/isolation",
    b"/admin/undo",
    b"/admin/fleet",
    b"/admin/policy",
    b"/admin/policy/keep",
    b"/admin/policy/restore",
    b"/admin/policy/promote",
    b"/admin/policy/take-back",
    b"/admin/search",
    b"/admin/users",
    b"/admin/users/user",
    b"/admin/users/add",
    b"/admin/users/role",
    b"/admin/users/sign-out",
    b"/admin/patterns",
    b"/admin/database",
    b"/admin/*",
    b"/*",
    b"/admin/@/*/*",
)


SHOW_SQL = ("/admin/statics", "/admin/isolation", "/admin/database")
"""What may hold WORDS: vendored scripts, and the pages of policies and of statements."""


def malformed(
    source: random.Random, tokens: dict[str, str]
) -> tuple[dict[str, Any], bytes, str | None]:
    """An ASGI scope, its body, and the role that sends it."""

    def piece() -> bytes:
        return b"".join(source.choices(PIECES, k=source.choice((1, 1, 2, 3))))

    identity = source.choice([*(name.encode() for name in IDENTITIES), piece()])
    path = source.choice(PATHS).replace(b"@", identity)
    while b"*" in path:
        path = path.replace(b"*", piece(), 1)
    path = bytes(byte for byte in path if byte not in b"?#")
    query = b"&".join(source.choice(NAMES) + b"=" + piece() for _ in range(source.randrange(4)))
    role = source.choice([*tokens, None])
    method = source.choice(("GET", "GET", "POST", "POST", "HEAD", "DELETE", "PUT", "OPTIONS"))
    kind = source.choice(
        (
            b"application/x-www-form-urlencoded",
            b"multipart/form-data; boundary=x",
            b"application/json",
            b"multipart/form-data",
            b"\xff",
        )
    )
    body = b"&".join(source.choice(FIELDS) + b"=" + piece() for _ in range(source.randrange(6)))
    if kind.startswith(b"multipart"):
        body = b'--x\r\nContent-Disposition: form-data; name="' + piece() + b'"\r\n\r\n' + body
    headers = [(b"host", b"localhost"), (b"content-type", kind)]
    if role is not None:
        headers.append((b"cookie", f"{SESSION_COOKIE}={tokens[role]}".encode()))
        if source.random() < 0.9:
            headers.append((b"sec-fetch-site", b"same-origin"))
    if source.random() < 0.1:
        headers.append((source.choice((b"cookie", b"origin", b"range", b"accept")), piece()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": _decoded(path),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": ("localhost", 80),
    }
    return scope, body, role


def _decoded(path: bytes) -> str:
    """As servers do it."""
    return unquote_to_bytes(path).decode("utf-8", "replace")


async def answer_to(app: Starlette, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    status, parts = 0, []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return status, b"".join(parts)


@pytest_asyncio.fixture(loop_scope="session")
async def tokens(panel: Any) -> dict[str, str]:
    return {role: await panel.token(role) for role in ("viewer", "editor", "admin")}


@pytest.mark.parametrize(
    ("seed", "requests"), [(7, 500), pytest.param(8, 10_000, marks=pytest.mark.slow)]
)
async def test_malformed_requests_break_nothing(
    panel: Any, tokens: dict[str, str], seed: int, requests: int
) -> None:
    source = random.Random(seed)
    seen: set[int] = set()
    for _ in range(requests):
        scope, body, role = malformed(source, tokens)
        status, text = await answer_to(panel.app, scope, body)
        asked = (
            role,
            scope["method"],
            scope["raw_path"][:200],
            scope["query_string"][:200],
            body[:300],
        )
        assert 200 <= status < 500, (status, asked, text[-500:])
        if b"gzip" not in text[:10] and not scope["path"].startswith(SHOW_SQL):
            for word in WORDS:
                assert word not in text, (word, asked)
        seen.add(status)
    assert {200, 303, 400, 403, 404, 405, 422} <= seen
