"""The defence against cross-site requests: a change must come from a page of this panel."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qlmodels.errors import ConfigurationError

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

OWN_SITES: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for a request from this origin, or from the user of the browser."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

Origin = tuple[str, str, int]
"""Scheme, host and port."""


class SameOrigin:
    """Refuses requests that may change something unless they come from a page of this panel.

    Browsers send Sec-Fetch-Site to HTTPS and loopback addresses. Without it, Origin must be that of
    the request, with scheme and host as trusted proxies give them, or one of `origins`. A request
    with neither header is refused: clients that are no browsers send Origin.
    """

    def __init__(self, app: ASGIApp, origins: frozenset[Origin] = frozenset()) -> None:
        self.app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            reason = self._foreign(scope)
            if reason is not None:
                await PlainTextResponse(f"{reason}\n", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _foreign(self, scope: Scope) -> str | None:
        """Return why the request is not from a page of this panel; None if it is."""
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None:
            return None if site in OWN_SITES else _from_elsewhere(site, headers.get("origin"))
        sent = headers.get("origin")
        expected = f"{scope['scheme']}://{headers.get('host', '')}"
        origin = parse_origin(sent)
        if origin is not None and origin in {parse_origin(expected), *self._origins}:
            return None
        return _not_expected(sent, expected)


def parse_origin(text: str | None) -> Origin | None:
    """Return scheme, host and port of an origin; None for "null" and what is none."""
    try:
        parts = urlsplit(text or "")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    is_bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    if not is_bare or parts.hostname is None or port is None:
        return None
    return parts.scheme, parts.hostname, port


def configured_origins(texts: Sequence[str]) -> frozenset[Origin]:
    """Return the origins of `texts`. Raises ConfigurationError for a text that is no origin."""
    origins = {text: parse_origin(text) for text in texts}
    for text, origin in origins.items():
        if origin is None:
            raise ConfigurationError(
                f"{text!r} in origins= is not an origin. Write scheme, host and port alone, "
                "as in 'https://fleet.example' or 'http://10.0.0.5:8000'."
            )
    return frozenset(origin for origin in origins.values() if origin is not None)


def public_origin(url: str | None) -> frozenset[Origin]:
    """Return the origin of the panel's address. Raises ConfigurationError."""
    if url is None:
        return frozenset()
    parts = urlsplit(url)
    origin = parse_origin(f"{parts.scheme}://{parts.netloc}")
    if origin is None or parts.scheme not in DEFAULT_PORTS or parts.query or parts.fragment:
        raise ConfigurationError(
            f"public_url is {url!r}. Write the panel's address as browsers see it, without /admin, "
            "as in 'https://fleet.example' or 'https://example.com/fleet'."
        )
    return frozenset({origin})


def _from_elsewhere(site: str, origin: str | None) -> str:
    return (
        f"This request comes from another origin (Sec-Fetch-Site: {site[:40]}, "
        f"Origin: {_shown(origin)}), so nothing was changed. Open the panel itself and try there."
    )


def _not_expected(sent: str | None, expected: str) -> str:
    return (
        f"This request has Origin {_shown(sent)} where {_shown(expected)} is expected, so nothing "
        "was changed. Open the panel itself and try there; a client that is no browser sends the "
        "header Origin. If the panel is behind a proxy, add its public origin to "
        "create_app(origins=[...])."
    )


def _shown(origin: str | None) -> str:
    if origin is None:
        return "none"
    return repr(origin[:200])
