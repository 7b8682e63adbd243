"""The routes of signing in and out, and of a user's own account."""

from functools import partial

from sqladmin.templating import Jinja2Templates
from starlette.routing import Route

from qlmodels_admin.auth import pages
from qlmodels_admin.auth.authentication import Authentication
from qlmodels_admin.auth.password_sign_in import PasswordSignIn


def account_routes(people: Authentication, templates: Jinja2Templates) -> list[Route]:
    """Return the routes of these pages; none where the application has such pages of its own."""
    if not isinstance(people, PasswordSignIn):
        return []
    methods = ["GET", "POST"]
    link = partial(pages.follow_link, people, templates)
    account = people.signed_in(partial(pages.account, people, templates))
    return [
        Route("/login", partial(pages.login, people, templates), name="login", methods=methods),
        Route("/logout", people.logout, name="logout", methods=["POST"]),
        Route("/sign-in", link, name="sign_in", methods=methods),
        Route("/account", account, name="account", methods=methods),
        *_provider_routes(people, templates),
    ]


def _provider_routes(people: PasswordSignIn, templates: Jinja2Templates) -> list[Route]:
    if people.provider is None:
        return []
    from qlmodels_admin.auth.oidc.pages import provider_routes  # of the extra `oidc`

    return provider_routes(people, people.provider, templates)
