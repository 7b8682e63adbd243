"""Signing in and out at the provider: each page is a GET, which the provider sends browsers to."""

import logging
from collections.abc import Mapping
from functools import partial
from secrets import compare_digest

from sqladmin.templating import Jinja2Templates
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from qlmodels.logins import token_hash
from qlmodels_admin.auth.authentication import local_path
from qlmodels_admin.auth.cookies import cookie_path, is_secure, set_session_cookie
from qlmodels_admin.auth.oidc import accounts
from qlmodels_admin.auth.oidc.client import (
    CLOCK_SKEW_S,
    IdentityRefused,
    ProviderAway,
    ProviderClient,
)
from qlmodels_admin.auth.oidc.flow import (
    FLOW_COOKIE,
    FLOW_TTL_S,
    Flow,
    begin_flow,
    opened,
    sealed,
)
from qlmodels_admin.auth.pages import sign_in_page
from qlmodels_admin.auth.password_sign_in import PasswordSignIn, SignInRefused, followed_again
from qlmodels_admin.auth.sessions import SESSION_COOKIE, Device
from qlmodels_admin.web import TooBusy

log = logging.getLogger(__name__)


def provider_routes(
    people: PasswordSignIn, client: ProviderClient, templates: Jinja2Templates
) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/oidc", partial(_begin, client, templates), name="oidc"),
        Route("/oidc/callback", partial(_finish, people, client, templates), name="oidc.callback"),
        Route("/oidc/sign-out", partial(_sign_out, client, templates), name="oidc.sign_out"),
    ]


async def _begin(client: ProviderClient, templates: Jinja2Templates, request: Request) -> Response:
    """Send the browser to the provider; with `confirm` the session's user signs in again."""
    token = request.cookies.get(SESSION_COOKIE)
    confirms = "confirm" in request.query_params and token is not None
    flow = begin_flow(
        local_path(request, request.query_params.get("next", "")),
        token_hash(token) if confirms and token is not None else None,
    )
    try:
        url = await client.authorization_url(flow)
    except (ProviderAway, TooBusy) as error:
        return await sign_in_page(templates, request, SignInRefused(str(error), 503, 5))
    response = RedirectResponse(url, 303)
    response.set_cookie(
        FLOW_COOKIE,
        sealed(flow, client.provider.client_secret),
        max_age=FLOW_TTL_S,
        path=_callback_path(request),
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


async def _finish(
    people: PasswordSignIn,
    client: ProviderClient,
    templates: Jinja2Templates,
    request: Request,
) -> Response:
    """Sign in the user whom the provider names, or say why not; each sign-in ends here once."""
    try:
        response = await _answered(people, client, request)
    except IdentityRefused as error:
        log.warning("A sign-in by %s was refused: %s", client.provider.issuer, error)
        response = await sign_in_page(templates, request, SignInRefused(str(error), 403))
    except (ProviderAway, TooBusy) as error:
        response = await sign_in_page(templates, request, SignInRefused(str(error), 503, 5))
    response.delete_cookie(
        FLOW_COOKIE,
        path=_callback_path(request),
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


async def _answered(people: PasswordSignIn, client: ProviderClient, request: Request) -> Response:
    """Return a page that leads on, signed in. Raises IdentityRefused, ProviderAway, TooBusy.

    It is no redirect: after one the browser would send no SameSite=Strict cookie.
    """
    answer = request.query_params
    flow = _flow(client, request, answer)
    identity = await client.identity(flow, answer)
    role = client.provider.role_of(identity.claims)
    response = followed_again(local_path(request, flow.next))
    if flow.session is not None:
        if identity.authenticated_at < flow.began - CLOCK_SKEW_S:
            raise IdentityRefused("The provider did not ask you to sign in again. Try once more.")
        await accounts.confirm(people.engine, identity, role, bytes.fromhex(flow.session))
    else:
        token = await accounts.sign_in(people.engine, identity, role, Device.of(request))
        set_session_cookie(request, response, token)
    return response


def _flow(client: ProviderClient, request: Request, answer: Mapping[str, str]) -> Flow:
    """Return the sign-in that this browser began. Raises IdentityRefused."""
    cookie = request.cookies.get(FLOW_COOKIE, "")
    flow = opened(cookie, client.provider.client_secret)
    state = answer.get("state", "")
    if flow is None or not compare_digest(flow.state.encode(), state.encode()):
        raise IdentityRefused(
            "This browser began no such sign-in within the last ten minutes. Sign in again, at "
            f"{client.panel_url}."
        )
    return flow


async def _sign_out(
    client: ProviderClient, templates: Jinja2Templates, request: Request
) -> Response:
    """Send the browser to where its user signs out of the provider."""
    try:
        url = await client.sign_out_url()
    except (ProviderAway, TooBusy) as error:
        return await sign_in_page(templates, request, SignInRefused(str(error), 503, 5))
    if url is None:
        message = f"{client.provider.issuer} has no page to sign out. Sign out there yourself."
        return await sign_in_page(templates, request, SignInRefused(message, 404))
    return RedirectResponse(url, 303)


def _callback_path(request: Request) -> str:
    return f"{cookie_path(request)}/oidc/callback"
