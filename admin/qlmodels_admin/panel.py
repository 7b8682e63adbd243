"""The routes: sqladmin's, with ours in place of what is not exact, not atomic or not safe."""

import logging
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from sqladmin import Admin
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from qlmodels.formatting import format_number
from qlmodels.logins import MIN_PASSWORD_CHARS, PanelRole, PasswordUnfit
from qlmodels.old_schema import is_lacking, lacking, words_of
from qlmodels_admin import history
from qlmodels_admin.auth import (
    WRITERS,
    Authentication,
    FormsOfOurOwn,
    Roles,
    SignInRefused,
    cookie_path,
    current_user,
    field,
    is_secure,
    keep,
    signed_in,
    token,
)
from qlmodels_admin.bulk_actions import (
    Runner,
    action_of,
    ask_action,
    cancel,
    find_run,
    progress,
    show_run,
    start,
)
from qlmodels_admin.db import is_away
from qlmodels_admin.history import HistoryView, restore_version, undo_changes
from qlmodels_admin.learning import CachedVerdicts
from qlmodels_admin.live import LiveFleet
from qlmodels_admin.pages import (
    CURVES,
    DATABASE,
    FLEET,
    HOME,
    ISOLATION,
    PATTERNS,
    POLICY,
    SEARCH,
    SHORTCUTS,
    TRAJECTORY,
    Answer,
    Entry,
    Page,
    Sources,
    cached_report,
    entries_of,
    grouped,
)
from qlmodels_admin.tables import (
    Exports,
    InvalidList,
    TableView,
    create_row,
    delete_rows,
    edit_row,
    export,
    import_rows,
    list_link,
    page_size,
    read_list,
    row_details,
    table_rows,
)
from qlmodels_admin.values import (
    json_tree,
    one_line,
    plain_json,
    relative_moment,
    shown_difference,
    sparkline,
)
from qlmodels_admin.web import (
    TEMPLATES,
    Assets,
    LimitedBodies,
    TooBusy,
    asset_url,
    parse_early,
    read_form,
    see_other,
)

logger = logging.getLogger(__name__)

NOTES = {
    "created": "The row was created.",
    "saved": "Your changes were saved.",
    "unchanged": "Nothing was changed, so nothing was saved.",
    "deleted": "Deleted. What people delete can be restored from History.",
    "restored": "The version was restored.",
    "undone": "Undone.",
    "kept": "The Q-table was kept as a version.",
    "policy": "The version was restored. What was there before is a version, too.",
    "password": "Your password was set. Other browsers of yours are signed out.",
}
"""What a page may say after a redirect; the URL names it, and cannot say anything else."""

PANEL_PAGES = (
    HOME,
    FLEET,
    CURVES,
    POLICY,
    TRAJECTORY,
    PATTERNS,
    ISOLATION,
    DATABASE,
    SEARCH,
)
"""Our own, in the order of the navigation."""

REPLACED = {"statics", "index", "logout", "import", "delete", "file_download", "file_preview"}

TablePage = Callable[[TableView, Request], Awaitable[Response]]


class PanelAdmin(Admin):
    """Mounted by `create_app`. Views of sqladmin's own kind work beside TableViews."""

    def __init__(
        self,
        app: Starlette,
        engine: AsyncEngine,
        url: URL,
        exports: Exports,
        base_url: str = "/admin",
    ) -> None:
        self.people = Authentication(engine)
        self.database = engine
        self.exports = exports
        learning = CachedVerdicts(engine)
        self.sources = Sources(engine, learning, LiveFleet(engine, learning), cached_report(url))
        self.runner = Runner(engine)
        super().__init__(
            app,
            engine=engine,
            session_maker=async_sessionmaker(engine),
            base_url=base_url,
            title="qlmodels",
            templates_dir=str(TEMPLATES),
            middlewares=[
                Middleware(LimitedBodies, user_of=self.people.user_of),
                Middleware(FormsOfOurOwn, doors=("/login", "/sign-in")),
            ],
            authentication_backend=self.people,
            authorization_backend=Roles(),
        )
        self._replace_routes()
        self.admin.exception_handlers.update(
            {
                DBAPIError: self._database_failed,
                OSError: self._database_failed,
                TooBusy: self._busy,
                PoolTimeout: self._busy,
            }
        )
        self.templates.env.globals.update(
            asset=asset_url,
            changes=history.changed_values,
            csrf=field,
            csrf_token=token,
            link=list_link,
            moment=relative_moment,
            note=_note,
            number=format_number,
            one_line=one_line,
            places=self.places,
            anywhere=SHORTCUTS,
            grouped=grouped,
            page_size=page_size,
            plain_json=plain_json,
            shown=shown_difference,
            spark=sparkline,
            table_rows=table_rows,
            tree=json_tree,
            undo=_undo,
            who_of=history.who_of,
        )
        self.templates.env.filters["path"] = lambda url: getattr(url, "path", str(url))

    def _replace_routes(self) -> None:
        routes = self.admin.router.routes
        self.admin.router.routes = [
            Mount("/statics", app=Assets(), name="statics"),
            Route("/logout", self.logout, name="logout", methods=["POST"]),
            Route("/sign-in", self.sign_in, name="sign_in", methods=["GET", "POST"]),
            Route("/account", self.account, name="account", methods=["GET", "POST"]),
            Route(
                "/{identity}/import",
                self.import_endpoint,
                name="import",
                methods=["GET", "POST"],
            ),
            Route(
                "/{identity}/restore/{entry:int}",
                self.restore,
                name="restore",
                methods=["GET", "POST"],
            ),
            Route("/undo", self.undo, name="undo", methods=["GET", "POST"]),
            Route("/{identity}/act/{action}", self.act, name="act", methods=["GET", "POST"]),
            Route("/runs/{run:uuid}", self.run, name="run", methods=["GET"]),
            Route("/runs/{run:uuid}/progress", self.run, name="run_progress", methods=["GET"]),
            Route("/runs/{run:uuid}/start", self.run, name="run_start", methods=["POST"]),
            Route("/runs/{run:uuid}/cancel", self.run, name="run_cancel", methods=["POST"]),
            Route("/{identity}/delete", self.delete, name="delete", methods=["POST", "DELETE"]),
            *(route for page in PANEL_PAGES for route in self._routes_of(page)),
            *(route for route in routes if getattr(route, "name", "") not in REPLACED),
        ]
        for route in self.admin.router.routes:
            if isinstance(route, Route) and "POST" in (route.methods or ()):
                route.methods = set(route.methods or ()) - {"HEAD"}  # else taken for a POST

    def _handle_action_decorated_func(self, func: Any, view: Any, view_instance: Any) -> None:
        """Actions change rows, so a GET must not reach them."""
        before = len(self.admin.router.routes)
        super()._handle_action_decorated_func(func, view, view_instance)
        for route in self.admin.router.routes[before:]:
            if isinstance(route, Route):
                route.methods = {"POST"}

    def add_model_view(self, view: Any) -> None:
        if issubclass(view, TableView):
            view.identity = view.model.__tablename__
        super().add_model_view(view)
        self._keep(session_maker=self.session_maker, is_async=self.is_async)

    def add_base_view(self, view: Any) -> None:
        super().add_base_view(view)
        self._keep()

    def _keep(self, **own: Any) -> None:
        """sqladmin tells a view's class where it belongs; another panel would take it over."""
        vars(self._views[-1]).update(_admin_ref=self, templates=self.templates, **own)

    async def _database_failed(self, request: Request, error: Exception) -> Response:
        if is_away(error):  # every open page asks again: a line each is enough
            logger.error("The database does not answer: %s", getattr(error, "orig", error))
        else:
            logger.error("The database failed.", exc_info=error)
        message = "The database does not answer now. Try again."
        if isinstance(error, DBAPIError) and is_lacking(error):
            message = str(lacking(words_of(error)))
        context = {"status_code": 503, "message": message}
        return await self.templates.TemplateResponse(
            request, "sqladmin/error.html", context, status_code=503
        )

    async def _busy(self, request: Request, error: Exception) -> Response:
        """Another request like this may succeed soon."""
        wait = getattr(error, "wait", 5)
        full = "All connections to the database are in use. Try again in a few seconds."
        message = str(error) if isinstance(error, TooBusy) else full
        context = {"status_code": 503, "message": message}
        response: Response = await self.templates.TemplateResponse(
            request, "sqladmin/error.html", context, status_code=503
        )
        response.headers["Retry-After"] = str(int(wait))
        return response

    # -- pages ---------------------------------------------------------------------------------

    def _routes_of(self, page: Page) -> Iterator[Route]:
        """`page` and its parts, for those who may see it, and its acts."""

        async def whole(sources: Sources, request: Request) -> Response:
            request.state.places = self.places(request)
            context = await page.read(sources, request)
            return await self.templates.TemplateResponse(request, page.template, dict(context))

        yield Route(page.path, self._serving(page.roles, whole), name=page.name)
        for methods, roles, answers in (
            (["GET"], page.roles, page.parts),
            (["POST"], page.roles & WRITERS, page.acts),
        ):
            for name, answer in answers.items():
                path, name = f"{page.path}/{name}", f"{page.name}.{name}"
                yield Route(path, self._serving(roles, answer), name=name, methods=methods)

    def places(self, request: Request) -> list[Entry]:
        """What the navigation shows to whom asks."""
        role = current_user(request).role
        pages = [page for page in PANEL_PAGES if role in page.roles]
        return entries_of(self._menu, pages, request)

    def _serving(
        self, roles: frozenset[PanelRole], answer: Answer
    ) -> Callable[[Request], Awaitable[Response]]:
        @signed_in
        async def serve(_: PanelAdmin, request: Request) -> Response:
            role = current_user(request).role
            if role not in roles:
                raise HTTPException(403, f"As {role} you may not do this.")
            return await answer(self.sources, request)

        return partial(serve, self)

    # -- tables --------------------------------------------------------------------------------

    async def list(self, request: Request) -> Response:
        return await self._serve(request, _list, "list", super().list)

    async def details(self, request: Request) -> Response:
        return await self._serve(request, row_details, "details", super().details)

    async def create(self, request: Request) -> Response:
        return await self._serve(request, create_row, "create", super().create)

    async def edit(self, request: Request) -> Response:
        return await self._serve(request, edit_row, "edit", super().edit)

    async def delete(self, request: Request) -> Response:
        return await self._serve(request, delete_rows, "delete", super().delete)

    async def restore(self, request: Request) -> Response:
        return await self._serve(request, restore_version, "edit", _not_here)

    @signed_in
    async def undo(self, request: Request) -> Response:
        """Take back changes that the log holds."""
        history = self._find_model_view("audit_log")
        assert isinstance(history, HistoryView)  # noqa: S101  # of its own table
        return await undo_changes(history, request)

    @signed_in
    async def act(self, request: Request) -> Response:
        """An action over all rows of a list."""
        view = self._find_model_view(request.path_params["identity"])
        if not isinstance(view, TableView):
            raise HTTPException(404, "sqladmin's own views have actions of another kind.")
        needs = action_of(view, request.path_params["action"]).needs
        return await self._serve(request, ask_action, needs, _not_here)

    @signed_in
    async def run(self, request: Request) -> Response:
        """An action that was asked for: its page, its progress, its start and its end."""
        run, user = (
            await find_run(self.database, request.path_params["run"]),
            current_user(request),
        )
        if run is None or (run["user_name"] != user.name and user.role != "admin"):
            raise HTTPException(404, "There is no such action of yours.")
        view = self._find_model_view(run["table_name"])
        assert isinstance(view, TableView)  # noqa: S101  # no other kind has runs
        if not await view.may_act(request, action_of(view, run["action"])):
            raise HTTPException(403, f"As {user.role} you may not do this here.")
        match request.url.path.rpartition("/")[2]:
            case "progress":
                return await progress(run)
            case "start":
                return await start(view, request, run, self.runner)
            case "cancel":
                return await cancel(view, request, run)
            case _:
                return await show_run(view, request, run)

    async def export(self, request: Request) -> Response:
        return await self._serve(request, _export, "export", super().export)

    async def import_endpoint(self, request: Request) -> Response:
        return await self._serve(request, import_rows, "import", super().import_endpoint)

    @signed_in
    async def _serve(
        self,
        request: Request,
        page: TablePage,
        action: str,
        original: Callable[[Request], Awaitable[Response]],
    ) -> Response:
        """`page` for a table of ours, for those who may; sqladmin's `original` for others."""
        view = self._find_model_view(request.path_params["identity"])
        if not isinstance(view, TableView):
            if request.method not in {"delete": {"DELETE"}, "import": {"POST"}}.get(
                action, {request.method}
            ):
                raise HTTPException(405)
            await parse_early(request)
            return await original(request)
        if request.method == "DELETE":
            raise HTTPException(405)
        if not (view.is_accessible(request) and await _may(view, request, action)):
            raise HTTPException(403, f"As {current_user(request).role} you may not do this here.")
        return await page(view, request)

    # -- people --------------------------------------------------------------------------------

    async def login(self, request: Request) -> Response:
        if request.method == "GET":
            return await self._sign_in_page(request)
        try:
            return await self.people.login(request)
        except SignInRefused as refusal:
            return await self._sign_in_page(request, refusal)

    async def sign_in(self, request: Request) -> Response:
        """A link's page sends its token by itself; opening the link alone changes nothing."""
        if request.method == "GET":
            page = await self.templates.TemplateResponse(
                request, "auth/sign_in.html", {"token": request.query_params.get("token", "")}
            )
            keep(request, page, cookie_path(request), secure=is_secure(request))
            return page
        try:
            return await self.people.follow_link(request)
        except SignInRefused as refusal:
            return await self._sign_in_page(request, refusal)

    async def _sign_in_page(
        self, request: Request, refusal: SignInRefused | None = None
    ) -> Response:
        posted = request.method == "POST"
        values = await request.form() if posted else request.query_params
        response = await self.templates.TemplateResponse(
            request,
            "sqladmin/login.html",
            {"refusal": refusal, "next": str(values.get("next", ""))},
            status_code=200 if refusal is None else refusal.status,
        )
        keep(request, response, cookie_path(request), secure=is_secure(request))
        if refusal is not None and refusal.wait:
            response.headers["Retry-After"] = str(int(refusal.wait) + 1)
        return response

    @signed_in
    async def account(self, request: Request) -> Response:
        """Set one's own password."""
        problem = None
        if request.method == "POST":
            form = await read_form(request)
            try:
                await self.people.set_password(
                    request, str(form.get("old", "")), str(form.get("new", ""))
                )
            except (SignInRefused, PasswordUnfit) as error:
                problem = str(error)
            else:
                return see_other(f"{request.url_for('admin:account').path}?note=password")
        context = {
            "user": current_user(request),
            "problem": problem,
            "shortest": MIN_PASSWORD_CHARS,
            "title": "Account",
        }
        return await self.templates.TemplateResponse(
            request, "auth/account.html", context, status_code=422 if problem else 200
        )


async def _not_here(request: Request) -> Response:  # noqa: ARG001
    raise HTTPException(404, "sqladmin's own views have no history here.")


async def _may(view: TableView, request: Request, action: str) -> bool:
    match action:
        case "list":
            return await view.check_can_list(request)
        case "details":
            return await view.check_can_view_details(request, None)
        case "create":
            return await view.check_can_create(request)
        case "edit":
            return await view.check_can_edit(request, None)
        case "delete":
            return await view.check_can_delete(request, None)
        case "export":
            return await view.check_can_export(request)
        case "import":
            return await view.check_can_import(request)
        case _:
            return False


async def _list(view: TableView, request: Request) -> Response:
    listing = await read_list(view, request)
    return await view.templates.TemplateResponse(
        request,
        view.list_template,
        {"model_view": view, "listing": listing, "title": view.title},
        status_code=200 if listing.problem is None else 422,
    )


async def _export(view: TableView, request: Request) -> Response:
    try:
        return await export(view, request, request.path_params["export_type"])
    except InvalidList as error:
        raise HTTPException(422, str(error)) from error


def _note(request: Request) -> str | None:
    return NOTES.get(request.query_params.get("note", ""))


def _undo(request: Request) -> str | None:
    """The number of the transaction that the note is about, for who may undo it."""
    number = request.query_params.get("undo", "")
    may = current_user(request).role in WRITERS and number.isascii() and number.isdigit()
    return number if may else None
