"""What a page says after a redirect; its URL names the notice, and cannot say anything else."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

NOTICES: Final[Mapping[str, str]] = {
    "created": "The row was created.",
    "saved": "Your changes were saved.",
    "unchanged": "Nothing was changed, so nothing was saved.",
    "deleted": "Deleted. Deleted rows can be restored from History.",
    "deleted_for_good": "Deleted.",
    "restored": "The version was restored.",
    "undone": "Undone.",
    "kept": "A snapshot of the policy was saved.",
    "policy": "The snapshot was restored. The former policy was saved as a snapshot.",
    "promoted": "The policy was promoted. The former one was saved as a snapshot.",
    "taken_back": "The promotion was taken back. The promoted policy was saved as a snapshot.",
    "user": "The user was changed.",
    "user_removed": "The user was removed. What they did stays in History.",
    "sessions_ended": "The user was signed out.",
    "signed_out": "You are signed out.",
    "password": "Your password was set. Your other browsers are signed out.",
}

NOTICE_PARAMETERS: Final = ("note", "undo")
"""Parameters of a URL that say what was done before; a link to another list leaves them out."""


def notice_of(request: Request) -> str | None:
    """Return what the page says about what was done before it."""
    return NOTICES.get(request.query_params.get("note", ""))


def notice_query(notice: str, transaction: str | None = None) -> str:
    """Return the query whose page says what was done, and offers to undo the transaction."""
    return f"note={notice}" if transaction is None else f"note={notice}&undo={transaction}"
