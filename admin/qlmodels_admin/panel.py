"""The panel: sqladmin's Admin with the routes of the rooms in place of its own."""

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from qlmodels.errors import ConfigurationError
from qlmodels.formatting import format_number, format_size
from qlmodels.old_schema import is_lacking, lacking, words_of
from qlmodels_admin import auth, history, pages, tables, values, web
from qlmodels_admin.auth import ADMINS, Authentication, PasswordSignIn, Roles, current_user
from qlmodels_admin.bulk_actions import ACTION_PAGE, Runner, run_routes
from qlmodels_admin.db import DatabaseAway, is_away
from qlmodels_admin.history import AuditEntry, HistoryView
from qlmodels_admin.pages import Sources, navigation_entries
from qlmodels_admin.picker import PICK
from qlmodels_admin.tables import TABLE_PAGES, Exports, MenuEntry, TableView, ViewRegistry
from qlmodels_admin.users import USERS_PAGE, user_routes
from qlmodels_admin.web import TEMPLATES, Assets, LimitedBodies, TooBusy

logger = logging.getLogger(__name__)

KEPT_ROUTES: Final = {"ajax_lookup"}
"""Routes of sqladmin's own, by name; the rooms have another one for each of the rest."""

FAILED: Final = "This request failed."
ALL_BUSY: Final = "All connections to the database are in use. Try again in a few seconds."

BUSY_WAIT_S: Final = 5
"""Seconds after which a client may try again, where the error says nothing else."""


class PanelAdmin(ViewRegistry):
    """Mounted by `create_app`. Views of sqladmin's own kind work beside TableViews."""

    def __init__(
        self,
        app: Starlette,
        engine: AsyncEngine,
        sources: Sources,
        exports: Exports,
        people: Authentication,
        base_url: str = "/admin",
    ) -> None:
        self.people = people
        self.exports = exports
        self.sources = sources
        self.runner = Runner(engine)
        super().__init__(
            app,
            engine=engine,
            session_maker=async_sessionmaker(engine),
            base_url=base_url,
            title="qlmodels",
            templates_dir=str(TEMPLATES),
            middlewares=[
                Middleware(web.ServerErrors, self.failed),
                Middleware(LimitedBodies, user_of=self.people.user_of),
            ],
            authentication_backend=self.people,
            authorization_backend=Roles(),
        )
        self.admin.router.routes = self._routes(self.admin.router.routes)
        self.admin.exception_handlers.update(
            {
                DBAPIError: self._database_failed,
                DatabaseAway: self._database_failed,
                auth.SignInNeeded: partial(auth.ask_to_sign_in, self.templates),
                web.FormUnsent: partial(auth.ask_to_confirm, self.templates),
                TooBusy: self._busy,
                PoolTimeout: self._busy,
            }
        )
        self.templates.env.globals.update(
            asset=web.asset_url,
            changes=history.changed_values,
            link=tables.list_link,
            moment=values.relative_moment,
            note=web.notice_of,
            number=format_number,
            one_line=values.one_line,
            places=partial(navigation_entries, self),
            anywhere=pages.SHORTCUTS,
            grouped=pages.grouped,
            host_pages=getattr(people, "host_pages", None),
            page_size=tables.page_size,
            plain_json=values.plain_json,
            shown=values.shown_difference,
            size=format_size,
            sign_in_provider=getattr(people, "provider", None),
            spark=values.sparkline,
            table_rows=tables.table_rows,
            tree=values.json_tree,
            undo=history.undoable_transaction,
            who_of=history.who_of,
        )
        self.templates.env.filters["path"] = lambda url: getattr(url, "path", str(url))

    def _routes(self, of_sqladmin: list[BaseRoute]) -> list[BaseRoute]:
        guard = self.people.signed_in
        table_pages = (*TABLE_PAGES, history.RESTORE, ACTION_PAGE, PICK)
        routes: list[BaseRoute] = [
            Mount("/statics", app=Assets(), name="statics"),
            *auth.account_routes(self.people, self.templates),
            *tables.table_routes(self, guard, table_pages),
            *history.undo_routes(self, guard),
            *run_routes(self, guard, self.runner),
            *pages.page_routes(self, guard, self.sources),
            *user_routes(self.people, self.templates),
            *(route for route in of_sqladmin if getattr(route, "name", "") in KEPT_ROUTES),
        ]
        for route in routes:
            if isinstance(route, Route) and "POST" in (route.methods or ()):
                route.methods = set(route.methods or ()) - {"HEAD"}  # else taken for a POST
        return routes

    def menu_entries(self, request: Request) -> Iterator[MenuEntry]:
        """Yield the views, and for admins the list of users."""
        yield from super().menu_entries(request)
        if isinstance(self.people, PasswordSignIn) and current_user(request).role in ADMINS:
            url = request.url_for(f"admin:{USERS_PAGE}").path
            yield MenuEntry("Data", "Users", url, request.url.path.startswith(url))

    def add_model_view(self, view: Any) -> None:
        if issubclass(view, TableView):
            view.identity = view.address()
        if view.identity == AuditEntry.__tablename__ and not issubclass(view, HistoryView):
            raise ConfigurationError(
                f"{view.__name__} cannot take the place of History. Derive it from HistoryView."
            )
        super().add_model_view(view)

    async def _database_failed(self, request: Request, error: Exception) -> Response:
        """Say that the database is away, or behind this release; any other failure is raised."""
        if is_away(error):  # every open page asks again: a line each is enough
            logger.error("The database does not answer: %s", getattr(error, "orig", error))
            return await self._unavailable(request, "The database does not answer now. Try again.")
        if isinstance(error, DBAPIError) and is_lacking(error):
            logger.error("The database is behind this release.", exc_info=error)
            return await self._unavailable(request, str(lacking(words_of(error))))
        raise error

    async def failed(self, request: Request, request_id: str) -> Response:
        """Answer a request that failed, by an ID that the log has."""
        return await self._error_page(request, 500, FAILED, request_id=request_id)

    async def _busy(self, request: Request, error: Exception) -> Response:
        """Another request like this may succeed soon."""
        message = str(error) if isinstance(error, TooBusy) else ALL_BUSY
        response = await self._unavailable(request, message)
        response.headers["Retry-After"] = str(int(getattr(error, "wait", BUSY_WAIT_S)))
        return response

    async def _unavailable(self, request: Request, message: str) -> Response:
        return await self._error_page(request, 503, message)

    async def _error_page(
        self, request: Request, status: int, message: str, *, request_id: str | None = None
    ) -> Response:
        """A page, or JSON for a script. What was typed comes with it, to be sent again."""
        if web.is_for_script(request):
            told = {"error": message, "request_id": request_id}
            return JSONResponse({name: value for name, value in told.items() if value}, status)
        context = {
            "status_code": status,
            "message": message,
            "request_id": request_id,
            "carried": await web.carried_form(request),
        }
        return await self.templates.TemplateResponse(
            request, "sqladmin/error.html", context, status_code=status
        )
