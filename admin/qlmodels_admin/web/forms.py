"""Forms that browsers send: text alone, within limits, parsed beside the event loop."""

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels_admin.values import off_loop, unstorable, without_nul
from qlmodels_admin.web.request_bodies import BODY_KEY, FORM, URLENCODED

MAX_FIELDS: Final = 5000


async def read_form(request: Request, own: Collection[str] = ()) -> FormData:
    """The form that was sent; text alone, for nothing here takes files.

    The fields that are its `own` say themselves what they do not take. Raises HTTPException 422
    for what no text in Postgres holds elsewhere.
    """
    fields = await posted_fields(request)
    for name, value in fields:
        # a field of the form shows a NUL again; half of a surrogate pair fits into no page
        kept = without_nul(value) if name in own else value
        reason = unstorable(name) or unstorable(kept)
        if reason is not None:
            raise HTTPException(422, f"Nothing was done. {reason}")
    return FormData([*fields])


def is_urlencoded(request: Request) -> bool:
    """Return whether the request's form was sent as forms without files are."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == URLENCODED


async def posted_fields(request: Request) -> list[tuple[str, str]]:
    """Return names and values of the form, without files. Raises HTTPException 422."""
    if is_urlencoded(request):
        try:
            return await off_loop(_parsed, request.scope[BODY_KEY])
        except ValueError as error:
            message = f"Nothing was done: a form has at most {MAX_FIELDS:,} fields."
            raise HTTPException(422, message) from error
    form = await request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=FORM.most)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _parsed(body: bytearray) -> list[tuple[str, str]]:
    """Return names and values of a body. Raises ValueError."""
    text = body.decode("latin-1")
    return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
