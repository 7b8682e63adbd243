"""The panel as a client of an OpenID provider: discovery, the code flow, ID tokens."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from qlmodels.errors import QLModelsError
from qlmodels_admin.auth.oidc.configuration import OpenIDProvider
from qlmodels_admin.auth.oidc.flow import Flow
from qlmodels_admin.web import ConcurrencyLimit

ANSWER_TIMEOUT_S: Final = 10.0
"""Seconds that all requests of one sign-in may take together."""

METADATA_TTL_S: Final = 3600.0
KEYS_REFETCH_INTERVAL_S: Final = 60.0
"""Seconds between two readings of the keys for tokens whose key is unknown."""

CLOCK_SKEW_S: Final = 60
BY_HEADER: Final = "client_secret_basic"
BY_FORM: Final = "client_secret_post"
"""How the panel proves to the provider who it is, as OpenID calls it."""

ASKING_AT_ONCE: Final = 4
WAITING_TO_ASK: Final = 28

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures that only the provider can make: not `none`, nor those with a shared secret."""

log = logging.getLogger(__name__)


class ProviderAway(QLModelsError):
    """The sign-in provider does not answer. Try again, or sign in as a local user."""


class IdentityRefused(QLModelsError):
    """The sign-in provider's answer was refused. Sign in again."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of the provider, whom `issuer` and `subject` identify."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]

    @property
    def authenticated_at(self) -> float:
        """When the user last signed in at the provider, in seconds since 1970; 0 if not said."""
        moment = self.claims.get("auth_time")
        return float(moment) if isinstance(moment, int | float) else 0.0


class ProviderClient:
    """Asks one provider, never for longer than ANSWER_TIMEOUT_S.

    Its methods raise ProviderAway where the provider does not answer as it should, and TooBusy.
    """

    def __init__(self, provider: OpenIDProvider) -> None:
        self.provider = provider
        self.panel_url = f"{provider.public_url.rstrip('/')}/admin"
        self._metadata: dict[str, Any] = {}
        self._metadata_read_at = float("-inf")
        self._keys: KeySet | None = None
        self._keys_read_at = float("-inf")
        self._places = ConcurrencyLimit(ASKING_AT_ONCE, WAITING_TO_ASK)

    async def authorization_url(self, flow: Flow) -> str:
        """Return the address at the provider where the user signs in."""
        again = {} if flow.session is None else {"prompt": "login", "max_age": "0"}
        async with self._asking() as session:
            url, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
                **again,
            )
        return str(url)

    async def sign_out_url(self) -> str | None:
        """Return where a browser signs out of the provider and comes back; None without one."""
        async with self._asking():
            url = self._metadata.get("end_session_endpoint")
        if not isinstance(url, str):
            return None
        back = f"{self.panel_url}/login"
        query = {"client_id": self.provider.client_id, "post_logout_redirect_uri": back}
        return str(httpx2.URL(url).copy_merge_params(query))

    async def identity(self, flow: Flow, answer: Mapping[str, str]) -> Identity:
        """Return the user of the provider's answer to `flow`, whose state was compared.

        Raises IdentityRefused.
        """
        async with self._asking() as session:
            self._check_answer(answer)
            try:
                token = await session.fetch_token(
                    self._endpoint("token_endpoint"),
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=flow.verifier,
                )
            except AuthlibBaseError as error:
                raise IdentityRefused(
                    "The provider refused the code of this sign-in. Sign in again."
                ) from error
            claims = await self._verified(session, token, flow.nonce)
            userinfo = await self._userinfo(session, claims)
        return Identity(claims["iss"], claims["sub"], {**userinfo, **claims})

    def _check_answer(self, answer: Mapping[str, str]) -> None:
        """Raise IdentityRefused for an answer that is an error, or another provider's."""
        is_said = self._metadata.get("authorization_response_iss_parameter_supported") is True
        issuer = answer.get("iss", None if is_said else self.provider.issuer)
        if issuer != self.provider.issuer:
            raise IdentityRefused("The answer is from another provider. Sign in again.")
        if "code" not in answer:
            reason = answer.get("error", "no code")[:60]
            raise IdentityRefused(f"The provider did not sign you in: {reason}. Sign in again.")

    async def _verified(
        self, session: AsyncOAuth2Client, token: Mapping[str, Any], nonce: str
    ) -> dict[str, Any]:
        """Return the claims of the ID token. Raises IdentityRefused."""
        text = token.get("id_token")
        if not isinstance(text, str):
            raise IdentityRefused("The provider sent no ID token. Add openid to the scopes.")
        try:
            try:
                decoded = jwt.decode(text, await self._key_set(session), ALGORITHMS)
            except InvalidKeyIdError:
                decoded = jwt.decode(text, await self._key_set(session, again=True), ALGORITHMS)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self.provider.client_id},
                    "nonce": {"essential": True, "value": nonce},
                },
                {
                    "nonce": nonce,
                    "client_id": self.provider.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=CLOCK_SKEW_S)
        except (JoseError, AuthlibBaseError, ValueError) as error:
            log.warning("An ID token of %s was refused: %s", self.provider.issuer, error)
            raise IdentityRefused("The provider's ID token is not valid. Sign in again.") from error
        return dict(claims)

    async def _userinfo(
        self, session: AsyncOAuth2Client, claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the provider says elsewhere where the ID token names no groups."""
        if self.provider.groups_of(claims) or "userinfo_endpoint" not in self._metadata:
            return {}
        userinfo = await _json(session, self._endpoint("userinfo_endpoint"))
        if userinfo.get("sub") != claims["sub"]:
            raise IdentityRefused("The provider's userinfo is of another user. Sign in again.")
        return userinfo

    async def _key_set(self, session: AsyncOAuth2Client, *, again: bool = False) -> KeySet:
        """Return the provider's keys, read `again` where a token was signed with a new one."""
        age = time.monotonic() - self._keys_read_at
        if self._keys is None or age > METADATA_TTL_S or (again and age > KEYS_REFETCH_INTERVAL_S):
            found = await _json(session, self._endpoint("jwks_uri"), withhold_token=True)
            try:
                self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise ProviderAway(f"The keys of {self.provider.issuer} cannot be read.") from error
            self._keys_read_at = time.monotonic()
        return self._keys

    def _endpoint(self, name: str) -> str:
        url = self._metadata.get(name)
        if not isinstance(url, str):
            raise ProviderAway(f"The configuration of {self.provider.issuer} has no {name}.")
        return url

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[AsyncOAuth2Client]:
        """Yield a client that knows the provider's configuration."""
        session: Any = AsyncOAuth2Client(
            self.provider.client_id,
            self.provider.client_secret.get_secret_value(),
            scope=self.provider.scopes,
            redirect_uri=f"{self.panel_url}/oidc/callback",
            code_challenge_method="S256",
            timeout=ANSWER_TIMEOUT_S,
        )
        try:
            async with self._places.place(), asyncio.timeout(ANSWER_TIMEOUT_S), session:
                await self._read_metadata(session)
                methods = self._metadata.get("token_endpoint_auth_methods_supported")
                if isinstance(methods, list) and BY_HEADER not in methods:
                    session.token_endpoint_auth_method = BY_FORM
                yield session
        except (httpx2.HTTPError, AuthlibBaseError, OSError, ValueError) as error:
            log.warning("The provider %s failed: %r", self.provider.issuer, error)
            raise ProviderAway from error

    async def _read_metadata(self, session: AsyncOAuth2Client) -> None:
        if time.monotonic() - self._metadata_read_at < METADATA_TTL_S:
            return
        issuer = self.provider.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        metadata = await _json(session, url, withhold_token=True)
        if metadata.get("issuer") != issuer:
            raise ProviderAway(
                f"The configuration at {url} is that of issuer {metadata.get('issuer')!r}. Set "
                "QLMODELS_OIDC_ISSUER to the issuer exactly as its provider writes it."
            )
        self._metadata, self._metadata_read_at = metadata, time.monotonic()


async def _json(session: AsyncOAuth2Client, url: str, **options: Any) -> dict[str, Any]:
    """Return the object at a URL. Raises HTTPError, ValueError."""
    response = await session.request("GET", url, **options)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise ValueError(f"{url} is not a JSON object")
    return found
