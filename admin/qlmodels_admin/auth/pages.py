"""The pages of signing in and out, and of a user's own account."""

from typing import Final

from sqladmin.templating import Jinja2Templates
from starlette.requests import Request
from starlette.responses import Response

from qlmodels.logins import MIN_PASSWORD_CHARS, PasswordUnfit
from qlmodels_admin.auth.authentication import current_user, local_path
from qlmodels_admin.auth.password_sign_in import PasswordSignIn, SignInRefused
from qlmodels_admin.web import (
    FIELDS,
    PATH,
    CarriedForm,
    Handler,
    carried_by_sign_in,
    carried_form,
    notice_query,
    read_form,
    see_other,
)

SIGN_IN_AT_HOST: Final = "sqladmin/error.html"


async def login(people: PasswordSignIn, templates: Jinja2Templates, request: Request) -> Response:
    """Ask for name and password (GET); sign in with them (POST)."""
    if request.method == "GET":
        return await sign_in_page(templates, request)
    return await _signed_in(templates, request, people.login)


async def follow_link(
    people: PasswordSignIn, templates: Jinja2Templates, request: Request
) -> Response:
    """Sign in with a link's token: its page sends it, so opening the link changes nothing."""
    if request.method == "GET":
        token = request.query_params.get("token", "")
        return await templates.TemplateResponse(request, "auth/sign_in.html", {"token": token})
    return await _signed_in(templates, request, people.follow_link)


async def _signed_in(
    templates: Jinja2Templates,
    request: Request,
    sign_in: Handler,
) -> Response:
    """Return the answer of `sign_in`, or the page that asks again."""
    try:
        response = await sign_in(request)
    except SignInRefused as refusal:
        return await sign_in_page(templates, request, refusal)
    carried = await _carried(request)
    if carried is None:
        return response
    page = await templates.TemplateResponse(request, "auth/resume.html", {"carried": carried})
    page.headers["set-cookie"] = response.headers["set-cookie"]
    return page


async def ask_to_sign_in(
    templates: Jinja2Templates, request: Request, error: Exception
) -> Response:
    """Answer a form that was sent without a session: the page that asks carries its fields."""
    context = {
        "refusal": error,
        "message": str(error),
        "next": "",
        "carried": await carried_form(request),
        "status_code": 401,
    }
    page = "sqladmin/login.html" if templates.env.globals["host_pages"] is None else SIGN_IN_AT_HOST
    return await templates.TemplateResponse(request, page, context, status_code=401)


async def ask_to_confirm(
    templates: Jinja2Templates, request: Request, error: Exception
) -> Response:
    """Show a form that is not handled before its user has sent it once more."""
    context = {"reason": error, "carried": await carried_form(request), "title": "Not sent yet"}
    return await templates.TemplateResponse(request, "auth/unsent.html", context, status_code=409)


async def _carried(request: Request) -> CarriedForm | None:
    """Return the form that the sign-in form carries."""
    form = await request.form()
    path = local_path(request, str(form.get(PATH, "")))
    return carried_by_sign_in(str(form.get(FIELDS, "")), path)


async def sign_in_page(
    templates: Jinja2Templates, request: Request, refusal: SignInRefused | None = None
) -> Response:
    posted = request.method == "POST"
    values = await request.form() if posted else request.query_params
    response = await templates.TemplateResponse(
        request,
        "sqladmin/login.html",
        {
            "refusal": refusal,
            "next": str(values.get("next", "")),
            "carried": await _carried(request) if posted else None,
        },
        status_code=200 if refusal is None else refusal.status,
    )
    if refusal is not None and refusal.wait:
        response.headers["Retry-After"] = str(int(refusal.wait) + 1)
    return response


async def account(people: PasswordSignIn, templates: Jinja2Templates, request: Request) -> Response:
    """Show the account (GET); set its user's password (POST)."""
    problem = None
    if request.method == "POST":
        form = await read_form(request)
        try:
            await people.set_password(request, str(form.get("old", "")), str(form.get("new", "")))
        except (SignInRefused, PasswordUnfit) as error:
            problem = str(error)
        else:
            path = request.url_for("admin:account").path
            return see_other(f"{path}?{notice_query('password')}")
    context = {
        "user": current_user(request),
        "problem": problem,
        "shortest": MIN_PASSWORD_CHARS,
        "title": "Account",
    }
    return await templates.TemplateResponse(
        request, "auth/account.html", context, status_code=422 if problem else 200
    )
