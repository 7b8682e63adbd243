"""The panel's own pages in the order of the navigation, and their routes."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from sqladmin.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qlmodels.logins import PanelRole
from qlmodels_admin.auth import WRITERS, current_user
from qlmodels_admin.pages.alerts import ALERTS
from qlmodels_admin.pages.curves import CURVES
from qlmodels_admin.pages.database.page import DATABASE
from qlmodels_admin.pages.fleet import FLEET
from qlmodels_admin.pages.home import HOME
from qlmodels_admin.pages.isolation.page import ISOLATION
from qlmodels_admin.pages.navigation import Entry, entries_of
from qlmodels_admin.pages.page import Answer, InvalidForm, Page, Sources
from qlmodels_admin.pages.patterns import PATTERNS
from qlmodels_admin.pages.policy.page import POLICY
from qlmodels_admin.pages.search import SEARCH
from qlmodels_admin.pages.trajectory.page import TRAJECTORY
from qlmodels_admin.tables import ViewRegistry
from qlmodels_admin.web import Guard

PAGES: Final = (
    HOME,
    FLEET,
    CURVES,
    POLICY,
    TRAJECTORY,
    PATTERNS,
    ISOLATION,
    DATABASE,
    ALERTS,
    SEARCH,
)


def navigation_entries(admin: ViewRegistry, request: Request) -> list[Entry]:
    """Return what the navigation shows to the request's user."""
    role = current_user(request).role
    pages = [page for page in PAGES if role in page.roles]
    return entries_of(admin.menu_entries(request), pages, request)


def page_routes(admin: ViewRegistry, guard: Guard, sources: Sources) -> Iterator[Route]:
    """Yield the routes of each page, of its parts and of its acts."""
    for page in PAGES:
        whole = partial(_show, admin, page)
        yield Route(page.path, guard(partial(_serve, sources, page.roles, whole)), name=page.name)
        acts = {name: partial(_act, act, whole) for name, act in page.acts.items()}
        for method, roles, answers in (
            ("GET", page.roles, page.parts),
            ("POST", page.roles & WRITERS, acts),
        ):
            for name, answer in answers.items():
                yield Route(
                    f"{page.path}/{name}",
                    guard(partial(_serve, sources, roles, answer)),
                    name=f"{page.name}.{name}",
                    methods=[method],
                )


async def _serve(
    sources: Sources, roles: frozenset[PanelRole], answer: Answer, request: Request
) -> Response:
    """Answer to users of these roles. Raises HTTPException 403."""
    role = current_user(request).role
    if role not in roles:
        raise HTTPException(403, f"As {role} you may not do this.")
    return await answer(sources, request)


async def _act(act: Answer, whole: Answer, sources: Sources, request: Request) -> Response:
    """Answer a form, by its page where it is not accepted."""
    try:
        return await act(sources, request)
    except InvalidForm as refusal:
        request.state.invalid_form = refusal
        response = await whole(sources, request)
        response.status_code = 422
        return response


async def _show(admin: ViewRegistry, page: Page, sources: Sources, request: Request) -> Response:
    request.state.places = navigation_entries(admin, request)
    context = await page.read(sources, request)
    templates: Jinja2Templates = admin.templates
    return await templates.TemplateResponse(request, page.template, dict(context))
