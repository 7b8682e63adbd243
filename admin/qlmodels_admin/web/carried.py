"""Forms that were sent and not handled: the answer carries their fields, so that none is lost.

The server stores none of them. The sign-in page carries them in a hidden field and gives them back
to their own page, which shows them and saves nothing before they are sent once more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.errors import QLModelsError
from qlmodels_admin.web.forms import is_urlencoded, posted_fields
from qlmodels_admin.web.request_bodies import BODY_KEY, RESUMABLE

TYPED_BY: Final = "_user"
"""The field that a form begins with: the user whose page it was."""

RESUMED: Final = "_resumed"
"""The field of a form that comes back after signing in."""

FIELDS: Final = "_fields"
"""The field of the sign-in form that holds those of the form before, as JSON."""

PATH: Final = "_path"
"""The field of the sign-in form that says where those belong."""

NEVER_CARRIED: Final = frozenset({"password", "old", "new", "token", TYPED_BY, RESUMED})

_UNSENT: Final = "qlmodels.unsent"

Fields = Sequence[tuple[str, str]]


class FormUnsent(QLModelsError):
    """The form is to be confirmed by its user before it is handled."""


@dataclass(frozen=True, slots=True)
class CarriedForm:
    """The fields of a form, and the path that it was sent to."""

    path: str
    fields: Fields
    typed_by: str | None

    @property
    def json(self) -> str:
        named = [] if self.typed_by is None else [(TYPED_BY, self.typed_by)]
        return json.dumps([*named, *self.fields], ensure_ascii=False)


def typed_by(request: Request) -> str | None:
    """Return the user whose page the form was on; None where it does not say."""
    fields = _first_fields(request)
    return fields.get(TYPED_BY)


def is_resumed(request: Request) -> bool:
    """Return whether the form comes back after signing in, and is to be shown rather than saved."""
    return RESUMED in _first_fields(request)


async def carried_form(request: Request) -> CarriedForm | None:
    """Return the form that the request brought; None where it brought none that can be carried.

    Files and passwords are never carried, nor a form larger than a megabyte.
    """
    body = request.scope.get(BODY_KEY, b"")
    if request.method != "POST" or not body or len(body) > RESUMABLE.most:
        return None
    try:
        fields = await posted_fields(request) if is_urlencoded(request) else []
    except HTTPException:
        return None
    kept = [(name, value) for name, value in fields if name not in NEVER_CARRIED]
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return CarriedForm(path, kept, typed_by(request)) if kept else None


def carried_by_sign_in(text: str, path: str) -> CarriedForm | None:
    """Return the form that the sign-in form carried; None where it is none."""
    try:
        pairs = [(str(name), str(value)) for name, value in json.loads(text)]
    except (TypeError, ValueError, RecursionError):
        return None
    named = dict(pairs).get(TYPED_BY)
    fields = [(name, value) for name, value in pairs if name not in NEVER_CARRIED]
    return CarriedForm(path, fields, named) if fields else None


def hold_back(request: Request, user: str) -> bool:
    """Return whether the form is to be shown to `user` before it is handled: it came back after
    signing in, or from a page of another user."""
    author = typed_by(request)
    if not is_resumed(request) and author in (None, user):
        return False
    request.scope[_UNSENT] = _sentence(author, user)
    return True


def unsent(request: Request) -> str | None:
    """Return why the form is shown and not handled; None where it is to be handled."""
    text: str | None = request.scope.get(_UNSENT)
    return text


def _sentence(author: str | None, user: str) -> str:
    if author in (None, user):
        return "You were signed out, so nothing was changed yet. Check the form and send it again."
    return (
        f"This form was opened by {author} and you are signed in as {user}, so nothing was changed "
        "yet. Check the form and send it again."
    )


def _first_fields(request: Request) -> dict[str, str]:
    """Return the fields above, which stand before all others."""
    if not is_urlencoded(request):
        return {}
    head = bytes(request.scope.get(BODY_KEY, b"")[:2000]).decode("latin-1")
    first = head.split("&")[:2]
    pairs = [pair for text in first for pair in parse_qsl(text, keep_blank_values=True)]
    return {name: value for name, value in pairs if name in (TYPED_BY, RESUMED)}
