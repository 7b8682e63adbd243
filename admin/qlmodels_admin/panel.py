"""The routes: sqladmin's, with ours in place of what is not exact, not atomic or not safe."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqladmin import Admin
from sqladmin.authentication import login_required
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from qlmodels_admin import assets, cells, fleet, keys
from qlmodels_admin.auth import Authentication, SignInRefused, current_user
from qlmodels_admin.export import export
from qlmodels_admin.forms import fingerprints
from qlmodels_admin.listing import ListUnreadable, link, page_size, read_list
from qlmodels_admin.passwords import SHORTEST, PasswordUnfit
from qlmodels_admin.refusals import Conflict, Refused
from qlmodels_admin.roles import Roles
from qlmodels_admin.table_view import TableView
from qlmodels_admin.writing import read_opened

TEMPLATES = Path(__file__).parent / "templates"
MOST_DELETED = 1000

NOTES = {
    "created": "The row was created.",
    "saved": "Your changes were saved.",
    "unchanged": "Nothing was changed, so nothing was saved.",
    "deleted": "Deleted.",
    "password": "Your password was set. Other browsers of yours are signed out.",
}
"""What a page may say after a redirect; the URL names it, and cannot say anything else."""


class PanelAdmin(Admin):
    """Mounted by `create_app`. Views of sqladmin's own kind work beside TableViews."""

    authentication_backend: Authentication

    def __init__(self, app: Starlette, engine: AsyncEngine, base_url: str = "/admin") -> None:
        super().__init__(
            app,
            engine=engine,
            session_maker=async_sessionmaker(engine),
            base_url=base_url,
            title="qlmodels",
            templates_dir=str(TEMPLATES),
            authentication_backend=Authentication(engine),
            authorization_backend=Roles(),
        )
        self._replace_routes()
        environment = self.templates.env
        environment.globals.update(
            asset=assets.url, fingerprints=fingerprints, link=link, note=_note, number=cells.number,
            page_size=page_size, moment=cells.moment, spark=cells.sparkline,
        )  # fmt: skip
        environment.filters["path"] = lambda url: getattr(url, "path", str(url))

    def _replace_routes(self) -> None:
        routes = self.admin.router.routes
        kept = [route for route in routes if getattr(route, "name", "") not in _REPLACED]
        self.admin.router.routes = [
            Mount("/statics", app=assets.Assets(), name="statics"),
            Route("/logout", self.logout, name="logout", methods=["POST"]),
            Route("/sign-in", self.sign_in, name="sign_in", methods=["GET", "POST"]),
            Route("/account", self.account, name="account", methods=["GET", "POST"]),
            Route(
                "/{identity}/delete", self.delete, name="delete", methods=["POST", "DELETE"]
            ),
            *kept,
        ]

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

    def _table(self, request: Request) -> TableView | None:
        view = self._find_model_view(request.path_params["identity"])
        return view if isinstance(view, TableView) else None

    # -- pages ---------------------------------------------------------------------------------

    @login_required
    async def index(self, request: Request) -> Response:
        """The fleet: is it learning?"""
        return await self.templates.TemplateResponse(
            request, "panel/fleet.html", {"fleet": await fleet.read(self.engine)}
        )

    async def list(self, request: Request) -> Response:
        if self._table(request) is None:
            return await super().list(request)
        return await self._list_table(request)

    @login_required
    async def _list_table(self, request: Request) -> Response:
        view = self._require(request)
        if not await self._list(request):
            raise HTTPException(403, "You may not see this table.")
        listing = await read_list(view, request)
        return await self.templates.TemplateResponse(
            request,
            view.list_template,
            {"model_view": view, "listing": listing, "title": view.title},
            status_code=200 if listing.problem is None else 422,
        )

    async def details(self, request: Request) -> Response:
        if self._table(request) is None:
            return await super().details(request)
        return await self._show_row(request)

    @login_required
    async def _show_row(self, request: Request) -> Response:
        view = self._require(request)
        if not await view.check_can_view_details(request, None):
            raise HTTPException(403, "You may not see this row.")
        key = view.read_key(request.path_params["pk"])
        async with view.reading() as connection:
            row = await view.rows.read(connection, key)
            if row is None:
                raise HTTPException(404, "There is no such row: it may have been deleted.")
            related = [
                (part, await view.count_related(connection, part, row)) for part in view.related
            ]
        context = {"model_view": view, "row": row, "related": related, "title": view.title}
        return await self.templates.TemplateResponse(request, view.details_template, context)

    # -- changes -------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        if self._table(request) is None:
            return await super().create(request)
        return await self._create_row(request)

    @login_required
    async def _create_row(self, request: Request) -> Response:
        view = self._require(request)
        await self._create(request)
        kind = await view.scaffold_form(view._form_create_rules)
        if request.method == "GET":
            chosen = request.query_params.get("agent_type")
            form = kind(data={"agent_type": chosen} if chosen else None)
            return await self._form(request, view, view.create_template, form)
        posted = await _posted(request)
        form = kind(posted)
        if not form.validate():
            return await self._form(request, view, view.create_template, form, refusal=Refused(
                "Nothing was saved: see the fields marked below."
            ))
        try:
            async with view.writing(request) as connection:
                key = await view.rows.insert(connection, form)
        except Refused as refusal:
            return await self._form(request, view, view.create_template, form, refusal=refusal)
        return self._after_save(request, view, posted, key, "created")

    async def edit(self, request: Request) -> Response:
        if self._table(request) is None:
            return await super().edit(request)
        return await self._edit_row(request)

    @login_required
    async def _edit_row(self, request: Request) -> Response:
        view = self._require(request)
        if not await view.check_can_edit(request, None):
            raise HTTPException(403, "You may not change rows.")
        key = view.read_key(request.path_params["pk"])
        async with view.reading() as connection:
            row = await view.rows.read(connection, key)
        if row is None:
            raise HTTPException(404, "There is no such row: it may have been deleted.")
        kind = await view.scaffold_form(view._form_edit_rules)
        if request.method == "GET":
            return await self._form(request, view, view.edit_template, kind(data=row), row=row)
        posted = await _posted(request)
        form = kind(posted)
        if not form.validate():
            return await self._form(
                request, view, view.edit_template, form, row=row, opened=posted.get("_opened"),
                refusal=Refused("Nothing was saved: see the fields marked below."),
            )
        try:
            opened = read_opened(posted.get("_opened"))
            async with view.writing(request) as connection:
                changed = await view.rows.update(
                    connection, key, form, opened, agreed="_agreed" in posted
                )
        except Refused as refusal:
            return await self._form(
                request, view, view.edit_template, form, row=row, refusal=refusal,
                opened=posted.get("_opened"),
            )
        return self._after_save(request, view, posted, key, "saved" if changed else "unchanged")

    async def delete(self, request: Request) -> Response:
        if self._table(request) is None:
            if request.method != "DELETE":
                raise HTTPException(405)
            return await super().delete(request)
        return await self._delete_rows(request)

    @login_required
    async def _delete_rows(self, request: Request) -> Response:
        """Ask first, then delete all of the chosen rows or none."""
        view = self._require(request)
        if not view._can_delete_any(request):
            raise HTTPException(403, "Only an admin deletes rows.")
        posted = await _posted(request)
        texts = list(dict.fromkeys(str(text) for text in posted.getlist("pk")))
        if not texts or len(texts) > MOST_DELETED:
            raise HTTPException(422, f"Choose 1 to {MOST_DELETED} rows to delete.")
        chosen = [view.read_key(text) for text in texts]
        if "_confirmed" not in posted:
            return await self._ask(request, view, texts, chosen)
        try:
            async with view.writing(request) as connection:
                await view.rows.delete(connection, chosen)
        except Refused as refusal:
            return await self._ask(request, view, texts, chosen, refusal)
        return _see_other(f"{_list_path(request, view)}?note=deleted")

    async def _ask(
        self,
        request: Request,
        view: TableView,
        texts: Sequence[str],
        chosen: Sequence[tuple[Any, ...]],
        refusal: Refused | None = None,
    ) -> Response:
        losses = {}
        async with view.reading() as connection:
            rows = [await view.rows.read(connection, key) for key in chosen[:10]]
            for part in view.cascades():
                found = [
                    await view.count_related(connection, part, row) for row in rows if row
                ]
                losses[part.table] = sum(found)
        context = {
            "model_view": view, "texts": texts, "rows": rows, "losses": losses,
            "refusal": refusal, "title": view.title,
        }  # fmt: skip
        return await self.templates.TemplateResponse(
            request, "panel/delete.html", context, 200 if refusal is None else refusal.status
        )

    async def _form(
        self,
        request: Request,
        view: TableView,
        template: str,
        form: Any,
        *,
        row: dict[str, Any] | None = None,
        refusal: Refused | None = None,
        opened: Any = None,
    ) -> Response:
        for name, messages in (refusal.errors if refusal else {}).items():
            if name in form._fields:
                form._fields[name].errors = [*form._fields[name].errors, *messages]
        conflict = refusal if isinstance(refusal, Conflict) else None
        context = {
            "model_view": view, "form": form, "row": row, "title": view.title,
            "refusal": refusal, "conflict": conflict,
            "opened": conflict.opened if conflict else opened or fingerprints(form),
        }  # fmt: skip
        return await self.templates.TemplateResponse(
            request, template, context, 200 if refusal is None else refusal.status
        )

    def _after_save(
        self, request: Request, view: TableView, posted: FormData, key: Sequence[Any], note: str
    ) -> Response:
        if posted.get("save") == "Save and add another":
            path = request.url_for("admin:create", identity=view.identity).path
        elif posted.get("save") == "Save and continue editing":
            path = view.url_of(request, "edit", keys.encode(key))
        else:
            path = view.url_of(request, "details", keys.encode(key))
        return _see_other(f"{path}?note={note}")

    # -- export --------------------------------------------------------------------------------

    async def export(self, request: Request) -> Response:
        if self._table(request) is None:
            return await super().export(request)
        return await self._export_table(request)

    @login_required
    async def _export_table(self, request: Request) -> Response:
        view = self._require(request)
        await self._export(request)
        try:
            return await export(view, request, request.path_params["export_type"])
        except ListUnreadable as error:
            raise HTTPException(422, str(error)) from error

    # -- people --------------------------------------------------------------------------------

    async def login(self, request: Request) -> Response:
        if request.method == "GET":
            return await self._sign_in_page(request)
        try:
            response = await self.authentication_backend.login(request)
        except SignInRefused as refusal:
            return await self._sign_in_page(request, refusal)
        assert isinstance(response, Response)
        return response

    async def _sign_in_page(
        self, request: Request, refusal: SignInRefused | None = None
    ) -> Response:
        values = await _posted(request) if request.method == "POST" else request.query_params
        response = await self.templates.TemplateResponse(
            request,
            "sqladmin/login.html",
            {"refusal": refusal, "next": str(values.get("next", ""))},
            status_code=200 if refusal is None else refusal.status,
        )
        if refusal is not None and refusal.wait:
            response.headers["Retry-After"] = str(int(refusal.wait) + 1)
        return response

    async def sign_in(self, request: Request) -> Response:
        """A link's page sends its token by itself; opening the link alone changes nothing."""
        if request.method == "POST":
            try:
                return await self.authentication_backend.follow_link(request)
            except SignInRefused as refusal:
                return await self._sign_in_page(request, refusal)
        return await self.templates.TemplateResponse(
            request, "panel/sign_in.html", {"token": request.query_params.get("token", "")}
        )

    @login_required
    async def account(self, request: Request) -> Response:
        """Set one's own password."""
        problem = None
        if request.method == "POST":
            form = await _posted(request)
            old, new = str(form.get("old", "")), str(form.get("new", ""))
            try:
                await self.authentication_backend.set_password(request, old, new)
            except (SignInRefused, PasswordUnfit) as error:
                problem = str(error)
            else:
                return _see_other(f"{request.url_for('admin:account').path}?note=password")
        return await self.templates.TemplateResponse(
            request,
            "panel/account.html",
            {
                "user": current_user(request), "problem": problem, "shortest": SHORTEST,
                "title": "Account",
            },
            status_code=200 if problem is None else 422,
        )  # fmt: skip

    def _require(self, request: Request) -> TableView:
        view = self._table(request)
        if view is None or not view.is_accessible(request):
            raise HTTPException(403, "You may not see this table.")
        return view


_REPLACED = {"statics", "logout", "delete", "file_download", "file_preview"}


async def _posted(request: Request) -> FormData:
    """The form that was sent; text alone, for nothing here takes files."""
    form = await request.form(max_files=0, max_fields=5000, max_part_size=16 * 1024 * 1024)
    return FormData([(name, value) for name, value in form.multi_items() if isinstance(value, str)])


def _note(request: Request) -> str | None:
    return NOTES.get(request.query_params.get("note", ""))


def _list_path(request: Request, view: TableView) -> str:
    return request.url_for("admin:list", identity=view.identity).path


def _see_other(path: str) -> Response:
    return RedirectResponse(path, 303)
