"""The list of users, a user's own page, and what is done there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from sqladmin.templating import Jinja2Templates
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from qlmodels import logins
from qlmodels.errors import QLModelsError
from qlmodels.logins import NoSuchUser
from qlmodels_admin.auth import (
    ADMINS,
    ROLES_BY_RANK,
    Authentication,
    PasswordSignIn,
    SignInRefused,
    current_user,
)
from qlmodels_admin.db import asyncpg_connection, write_transaction
from qlmodels_admin.users.acts import USER_ACTS, UserAct
from qlmodels_admin.web import Handler, carried_form, notice_query, read_form, see_other

USERS_PAGE: Final = "users"
"""Name of the route of the list."""


@dataclass(frozen=True, slots=True)
class Users:
    """What the pages are made of."""

    people: PasswordSignIn
    templates: Jinja2Templates

    @property
    def engine(self) -> AsyncEngine:
        return self.people.engine


def user_routes(people: Authentication, templates: Jinja2Templates) -> Iterator[Route]:
    """Yield the routes of these pages; none where the users are those of the application."""
    if not isinstance(people, PasswordSignIn):
        return
    users = Users(people, templates)
    for path, name, answer in (
        ("/users", USERS_PAGE, _list),
        ("/users/user", f"{USERS_PAGE}.user", _user),
    ):
        yield Route(path, people.signed_in(_for_admins(partial(answer, users))), name=name)
    for name, act in USER_ACTS.items():
        yield Route(
            f"/users/{name}",
            people.signed_in(_for_admins(partial(_act, users, name, act))),
            name=f"{USERS_PAGE}.{name}",
            methods=["POST"],
        )


def _for_admins(answer: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        role = current_user(request).role
        if role not in ADMINS:
            raise HTTPException(403, f"As {role} you may not see or change users.")
        return await answer(request)

    return guarded


async def _list(
    users: Users, request: Request, problem: str | None = None, form: FormData | None = None
) -> Response:
    """All users, and a form for a new one."""
    async with users.engine.connect() as connection:
        found = await logins.list_users(await asyncpg_connection(connection))
    context: dict[str, Any] = {
        "users": found,
        "roles": ROLES_BY_RANK,
        "problem": problem,
        "typed": form or {},
    }
    return await _page(users, request, "users/list.html", context)


async def _user(
    users: Users, request: Request, problem: str | None = None, form: FormData | None = None
) -> Response:
    """One user, their sessions, and what can be done. Raises HTTPException 404."""
    name = str((form or request.query_params).get("user", ""))
    try:
        async with users.engine.connect() as connection:
            driver = await asyncpg_connection(connection)
            user = await logins.find_user(driver, name)
            sessions = await logins.list_sessions(driver, name)
    except NoSuchUser as error:
        raise HTTPException(404, "There is no such user.") from error
    context: dict[str, Any] = {
        "shown": user,
        "sessions": sessions,
        "roles": ROLES_BY_RANK,
        "problem": problem,
        "typed": form or {},
    }
    return await _page(users, request, "users/user.html", context)


async def _act(users: Users, name: str, act: UserAct, request: Request) -> Response:
    """Do it, once the admin proved again who they are."""
    form = await read_form(request)
    try:
        if not await users.people.is_confirmed(request):
            await users.people.confirm(request, str(form.get("password", "")))
    except SignInRefused as refusal:
        is_answer = "password" in form or "confirmed" in form
        return await _ask_to_confirm(users, act, request, refusal if is_answer else None)
    user = str(form.get("user", "")).strip()
    try:
        async with write_transaction(users.engine, current_user(request).name, act.label) as work:
            token = await act.do(await asyncpg_connection(work), user, form)
    except QLModelsError as error:
        show = _list if name == "add" or isinstance(error, NoSuchUser) else _user
        return await show(users, request, str(error), form)
    if token is not None:
        return await _show_link(users, request, user, token)
    if act.removes:
        return see_other(f"{request.url_for('admin:users').path}?{notice_query(act.notice)}")
    query = f"{urlencode({'user': user})}&{notice_query(act.notice)}"
    return see_other(f"{request.url_for('admin:users.user').path}?{query}")


async def _ask_to_confirm(
    users: Users, act: UserAct, request: Request, refusal: SignInRefused | None
) -> Response:
    """Ask for the admin's password, beside the form that waits for it."""
    context = {
        "act": act,
        "refusal": refusal,
        "carried": await carried_form(request),
        "admin_user": current_user(request),
        "title": "Confirm",
    }
    status = 409 if refusal is None or refusal.status == 400 else refusal.status
    return await users.templates.TemplateResponse(
        request, "users/confirm.html", context, status_code=status
    )


async def _show_link(users: Users, request: Request, user: str, token: str) -> Response:
    """Show a sign-in link, which is shown once."""
    url = str(request.url_for("admin:sign_in").include_query_params(token=token))
    context = {"name": user, "link": url, "title": "Sign-in link"}
    return await users.templates.TemplateResponse(request, "users/link.html", context)


async def _page(users: Users, request: Request, template: str, context: dict[str, Any]) -> Response:
    status = 422 if context["problem"] else 200
    context = {**context, "provider": users.people.provider}
    return await users.templates.TemplateResponse(request, template, context, status_code=status)
