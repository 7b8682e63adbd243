"""A sign-in under way: what its browser keeps, signed, until the provider sends it back."""

import secrets
import time
from dataclasses import asdict, dataclass
from typing import Final

from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import SecretStr

FLOW_COOKIE: Final = "qlmodels_oidc"
FLOW_TTL_S: Final = 600
"""Seconds that a user has to sign in at the provider."""

MAX_NEXT_CHARS: Final = 1500
"""Characters of a path that fit into a cookie; a longer one is left out."""


@dataclass(frozen=True, slots=True)
class Flow:
    """`state` comes back in the URL, `nonce` in the ID token; `verifier` is that of PKCE."""

    state: str
    nonce: str
    verifier: str
    next: str
    began: float
    """In seconds since 1970."""
    session: str | None
    """Hash of the session whose user is to prove who they are, in hexadecimal digits."""


def begin_flow(wanted: str, session: bytes | None) -> Flow:
    """Return a new sign-in that leads to the path `wanted`."""
    return Flow(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        began=time.time(),
        next=wanted if len(wanted) <= MAX_NEXT_CHARS else "",
        session=None if session is None else session.hex(),
    )


def sealed(flow: Flow, secret: SecretStr) -> str:
    """Return the value of the cookie."""
    return _serializer(secret).dumps(asdict(flow))


def opened(cookie: str, secret: SecretStr) -> Flow | None:
    """Return the sign-in of a cookie; None where it is not ours, or too old."""
    try:
        return Flow(**_serializer(secret).loads(cookie, max_age=FLOW_TTL_S))
    except (BadData, TypeError):
        return None


def _serializer(secret: SecretStr) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret.get_secret_value(), salt="qlmodels.oidc")
