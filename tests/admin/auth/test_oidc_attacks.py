"""What a provider, or another one in its name, may not say; and requests that nobody began."""

import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from qlmodels_admin import PanelUser, create_app
from qlmodels_admin.app import close_app
from qlmodels_admin.auth.oidc import flow as flows
from qlmodels_admin.auth.sessions import SESSION_COOKIE
from starlette.requests import Request

from qlmodels.connection import connect
from qlmodels.errors import ConfigurationError
from qlmodels.logins import UserIsConnected, create_sign_in_link, token_hash
from tests.admin.conftest import ORIGIN, Panel, serve
from tests.support.openid import CLIENT_ID, ForgingProvider, provider_at

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

CALLBACK = "/admin/oidc/callback"
SUBJECT = "subject-of-forge"
KNOWN_KEY = RSAKey.generate_key(2048, {"kid": "known"})


@dataclass
class SignIn:
    """One client, and the provider that answers it."""

    client: httpx.AsyncClient
    forge: ForgingProvider

    async def begin(self, query: str = "") -> dict[str, str]:
        """Begin a sign-in: what the provider is asked."""
        began = await self.client.get(f"/admin/oidc{query}")
        assert began.status_code == 303, began.text
        asked = urlsplit(began.headers["location"])
        self.forge.claims.setdefault("nonce", parse_qs(asked.query)["nonce"][0])
        return {name: values[0] for name, values in parse_qs(asked.query).items()}

    async def finish(self, query: str = "", **changed: str | None) -> httpx.Response:
        """Sign in, with what the provider sends `changed`."""
        asked = await self.begin(query)
        answer = {"code": "a-code", "state": asked["state"], **changed}
        kept = {name: value for name, value in answer.items() if value is not None}
        return await self.client.get(CALLBACK, params=kept)

    @property
    def is_signed_in(self) -> bool:
        return SESSION_COOKIE in self.client.cookies


@pytest_asyncio.fixture(loop_scope="session")
async def forge() -> AsyncIterator[ForgingProvider]:
    """Names a viewer, unless a test has it forge something."""
    provider = ForgingProvider(key=KNOWN_KEY)
    provider.claims = {"preferred_username": "forged", "groups": ["fleet-readers"]}
    async with serve(provider.app()) as url:
        provider.issuer = url.replace("127.0.0.1", "localhost")
        yield provider


@pytest_asyncio.fixture(loop_scope="session")
async def sign_in(panel: Panel, forge: ForgingProvider) -> AsyncIterator[SignIn]:
    app = create_app(panel.login, openid=provider_at(forge.issuer, "http://localhost"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers=ORIGIN
    ) as client:
        yield SignIn(client, forge)
    await close_app(app)
    async with connect(panel.owner) as owner:
        await owner.execute("delete from qlmodels_admin.users where issuer is not null")


@pytest_asyncio.fixture(loop_scope="session")
async def owner(panel: Panel) -> AsyncIterator[asyncpg.Connection]:
    async with connect(panel.owner) as connection:
        yield connection


async def test_what_is_right_signs_in(sign_in: SignIn) -> None:
    asked = await sign_in.begin("?next=/admin/sessions/list")
    assert asked["redirect_uri"] == "http://localhost/admin/oidc/callback"
    assert asked["code_challenge_method"] == "S256"
    cookie = sign_in.client.cookies[flows.FLOW_COOKIE]
    signed = await sign_in.client.get(CALLBACK, params={"code": "c", "state": asked["state"]})
    assert signed.status_code == 200
    assert signed.headers["refresh"] == "0; url=/admin/sessions/list"
    cookies = signed.headers.get_list("set-cookie")
    (session,) = [text for text in cookies if text.startswith(SESSION_COOKIE)]
    assert "HttpOnly" in session
    assert "SameSite=strict" in session
    assert flows.FLOW_COOKIE not in sign_in.client.cookies
    (sent,) = sign_in.forge.received
    assert sent["code"] == "c"
    assert len(sent["code_verifier"]) >= 43
    assert sent["code_verifier"] not in cookie.partition(".")[2]
    assert (await sign_in.client.get("/admin/sessions/list")).status_code == 200


async def test_the_cookie_of_a_sign_in_is_for_the_callback_alone(sign_in: SignIn) -> None:
    began = await sign_in.client.get("/admin/oidc")
    cookie = began.headers["set-cookie"]
    assert f"Path={CALLBACK};" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=600" in cookie


NOW = int(time.time())
FORGED_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "an issuer with a slash": {"iss": None},
    "another audience": {"aud": "another-client"},
    "another audience, authorized for us": {"aud": "another-client", "azp": CLIENT_ID},
    "no audience": {"aud": None},
    "two audiences and another party": {"aud": [CLIENT_ID, "x"], "azp": "x"},
    "two audiences and no party": {"aud": [CLIENT_ID, "x"]},
    "expired": {"exp": NOW - 3600},
    "never expires": {"exp": None},
    "not valid yet": {"nbf": NOW + 3600},
    "made in the future": {"iat": NOW + 3600},
    "another nonce": {"nonce": "of another sign-in"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "a number as subject": {"sub": 7},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", FORGED_CLAIMS.values(), ids=FORGED_CLAIMS)
async def test_a_forged_claim_signs_nobody_in(
    sign_in: SignIn, owner: asyncpg.Connection, claims: dict[str, Any]
) -> None:
    sign_in.forge.claims.update(claims)
    refused = await sign_in.finish()
    assert refused.status_code == 403, refused.text
    assert "The provider&#39;s ID token is not valid" in refused.text
    assert not sign_in.is_signed_in
    known = "select count(*) from qlmodels_admin.users where issuer is not null"
    assert await owner.fetchval(known) == 0


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b""]).decode()


@pytest.mark.parametrize("forged", ["none", "HS256", "unknown key", "another key", "garbage", ""])
async def test_a_forged_signature_signs_nobody_in(sign_in: SignIn, forged: str) -> None:
    forge = sign_in.forge
    if forged == "another key":
        forge.published = RSAKey.generate_key(2048, {"kid": "known"})
    elif forged == "unknown key":
        forge.header = {"kid": "unknown"}
    elif forged == "HS256":
        forge.header = {"alg": "HS256"}
    elif forged == "garbage":
        forge.id_token = "a.b.c"
    asked = await sign_in.begin()
    if forged == "none":
        now = int(time.time())
        claims = {"iss": forge.issuer, "sub": SUBJECT, "aud": CLIENT_ID, "iat": now}
        forge.id_token = unsigned({**claims, "exp": now + 60, **forge.claims})
    elif forged == "":
        whole = forge.signed({"iss": forge.issuer})
        forge.id_token = whole.rpartition(".")[0] + "."
    answer = {"code": "c", "state": asked["state"]}
    refused = await sign_in.client.get(CALLBACK, params=answer)
    assert refused.status_code == 403
    assert "The provider&#39;s ID token is not valid" in refused.text
    assert not sign_in.is_signed_in


async def test_a_new_key_of_the_provider_is_read(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sign_in.finish()
    assert sign_in.is_signed_in
    sign_in.client.cookies.clear()
    sign_in.forge.key = RSAKey.generate_key(2048, {"kid": "new"})
    sign_in.forge.header = {"kid": "new"}
    del sign_in.forge.claims["nonce"]
    monkeypatch.setattr("qlmodels_admin.auth.oidc.client.KEYS_REFETCH_INTERVAL_S", 0.0)
    await sign_in.finish()
    assert sign_in.is_signed_in


@pytest.mark.parametrize(
    "changed",
    [{"state": "forged"}, {"state": None}, {"state": "é"}, {"iss": "https://evil.example"}],
    ids=["forged", "missing", "not ascii", "another issuer"],
)
async def test_a_forged_answer_is_refused_before_the_provider_is_asked(
    sign_in: SignIn, changed: dict[str, Any]
) -> None:
    refused = await sign_in.finish(**changed)
    assert refused.status_code == 403
    assert not sign_in.is_signed_in
    assert sign_in.forge.received == []
    assert flows.FLOW_COOKIE not in sign_in.client.cookies


async def test_an_answer_to_nothing_is_refused(sign_in: SignIn) -> None:
    asked = await sign_in.begin()
    answer = {"code": "c", "state": asked["state"]}
    sign_in.client.cookies.clear()
    assert (await sign_in.client.get(CALLBACK, params=answer)).status_code == 403
    sealed = flows.sealed(flows.begin_flow("", None), SecretStr("another secret"))
    forged = {flows.FLOW_COOKIE: sealed}
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in forged.items())}
    refused = await sign_in.client.get(CALLBACK, params=answer, headers=headers)
    assert refused.status_code == 403
    assert sign_in.forge.received == []


async def test_an_answer_counts_once_and_in_time(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await sign_in.begin()
    answer = {"code": "c", "state": asked["state"]}
    assert (await sign_in.client.get(CALLBACK, params=answer)).status_code == 200
    replayed = await sign_in.client.get(CALLBACK, params=answer)
    assert replayed.status_code == 403
    assert len(sign_in.forge.received) == 1
    asked = await sign_in.begin()
    monkeypatch.setattr("qlmodels_admin.auth.oidc.flow.FLOW_TTL_S", -1)
    late = await sign_in.client.get(CALLBACK, params={**answer, "state": asked["state"]})
    assert late.status_code == 403
    assert "within the last ten minutes" in late.text


async def test_what_the_provider_refuses_is_said_and_escaped(sign_in: SignIn) -> None:
    refused = await sign_in.finish(code=None, error="<script>alert(1)</script>")
    assert refused.status_code == 403
    assert "The provider did not sign you in: &lt;script&gt;" in refused.text
    assert "<script>alert" not in refused.text


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/elsewhere", "\\\\e"])
async def test_no_sign_in_leads_elsewhere(sign_in: SignIn, path: str) -> None:
    signed = await sign_in.finish(f"?next={path}")
    assert signed.headers["refresh"] == "0; url=/admin/"


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["fleet-readers"], "viewer"),
        ("fleet-writers", "editor"),
        (["fleet-readers", "fleet-admins", "fleet-writers"], "admin"),
        (["Fleet-Admins"], None),
        ([], None),
        (None, None),
        ({"fleet-admins": True}, None),
        ([["fleet-admins"], 7], None),
        ("fleet-readers,fleet-admins", None),
    ],
)
async def test_groups_give_roles_and_no_group_none(
    sign_in: SignIn, owner: asyncpg.Connection, groups: Any, role: str | None
) -> None:
    sign_in.forge.claims["groups"] = groups
    sign_in.forge.userinfo = {"sub": SUBJECT}
    answer = await sign_in.finish()
    assert sign_in.is_signed_in == (role is not None), answer.text
    found = "select role from qlmodels_admin.users where subject = $1"
    assert await owner.fetchval(found, SUBJECT) == role


async def test_groups_are_read_from_userinfo_of_the_same_user(sign_in: SignIn) -> None:
    sign_in.forge.claims["groups"] = None
    sign_in.forge.userinfo = {"sub": "another", "groups": ["fleet-admins"]}
    assert (await sign_in.finish()).status_code == 403
    assert not sign_in.is_signed_in
    sign_in.forge.userinfo["sub"] = SUBJECT
    del sign_in.forge.claims["nonce"]
    await sign_in.finish()
    assert sign_in.is_signed_in


async def test_a_name_identifies_nobody(sign_in: SignIn, owner: asyncpg.Connection) -> None:
    sign_in.forge.claims.update(preferred_username="admin", email="admin@example.com")
    refused = await sign_in.finish()
    assert "Another user of the panel is called admin" in refused.text
    assert not sign_in.is_signed_in
    sign_in.forge.claims.update(preferred_username="first")
    del sign_in.forge.claims["nonce"]
    await sign_in.finish()
    sign_in.client.cookies.clear()
    sign_in.forge.claims.update(preferred_username="renamed")
    del sign_in.forge.claims["nonce"]
    await sign_in.finish()
    assert "first" in (await sign_in.client.get("/admin/")).text
    names = "select array_agg(name) from qlmodels_admin.users where subject = $1"
    assert await owner.fetchval(names, SUBJECT) == ["first"]


async def test_an_inactive_user_and_the_last_admin(
    sign_in: SignIn, owner: asyncpg.Connection
) -> None:
    await sign_in.finish()
    sign_in.client.cookies.clear()
    await owner.execute(
        "update qlmodels_admin.users set is_active = false where subject = $1", SUBJECT
    )
    del sign_in.forge.claims["nonce"]
    refused = await sign_in.finish()
    assert "Your user was deactivated" in refused.text
    assert not sign_in.is_signed_in
    await owner.execute(
        "update qlmodels_admin.users set is_active = true, role = 'admin' where subject = $1",
        SUBJECT,
    )
    others = (
        "update qlmodels_admin.users set is_active = {} where role = 'admin' and issuer is null"
    )
    await owner.execute(others.format("false"))
    del sign_in.forge.claims["nonce"]
    refused = await sign_in.finish()
    await owner.execute(others.format("true"))
    assert "You are the last admin of the panel" in refused.text
    assert not sign_in.is_signed_in


async def test_a_providers_user_signs_in_there_alone(
    sign_in: SignIn, owner: asyncpg.Connection
) -> None:
    await sign_in.finish()
    changed = await sign_in.client.post(
        "/admin/account", data={"old": "", "new": "another password"}
    )
    assert changed.status_code == 422
    assert "which keeps your password" in changed.text
    with pytest.raises(UserIsConnected):
        await create_sign_in_link(owner, "forged")
    token = "made before the user was connected"
    await owner.execute(
        "insert into qlmodels_admin.sign_in_links (token_hash, user_name, expires_at) "
        "values ($1, 'forged', now() + interval '1 hour')",
        token_hash(token),
    )
    sign_in.client.cookies.clear()
    linked = await sign_in.client.post("/admin/sign-in", data={"token": token})
    assert linked.status_code == 400
    assert not sign_in.is_signed_in


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": 7},
        {"jwks_uri": "http://localhost:9/jwks"},
    ],
    ids=["another issuer", "no tokens", "no page", "no keys"],
)
async def test_a_provider_that_cannot_be_used_is_away(
    sign_in: SignIn, metadata: dict[str, Any]
) -> None:
    sign_in.forge.metadata = metadata
    began = await sign_in.client.get("/admin/oidc")
    if began.status_code == 303:
        state = parse_qs(urlsplit(began.headers["location"]).query)["state"][0]
        answer = {"code": "c", "state": state}
        began = await sign_in.client.get(CALLBACK, params=answer)
    assert began.status_code == 503
    assert not sign_in.is_signed_in
    assert (await sign_in.client.get("/admin/login")).status_code == 200


async def test_without_a_page_to_sign_out_the_panel_says_so(sign_in: SignIn) -> None:
    answer = await sign_in.client.get("/admin/oidc/sign-out")
    assert answer.status_code == 404
    assert "has no page to sign out" in answer.text


async def test_the_application_signs_in_or_the_provider(panel: Panel) -> None:
    async def authenticate(_: Request) -> PanelUser | None:
        return None

    openid = provider_at("https://id.example", "https://fleet.example")
    with pytest.raises(ConfigurationError, match="authenticate= and an OpenID provider"):
        create_app(panel.login, background=False, authenticate=authenticate, openid=openid)
