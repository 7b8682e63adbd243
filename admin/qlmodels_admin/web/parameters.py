"""Values that a URL or a form names. Each function raises HTTPException 422 for others."""

from collections.abc import Container
from uuid import UUID

from starlette.exceptions import HTTPException

from qlmodels_admin.values import cut

MAX_QUOTED_CHARS = 60


def uuid_parameter(text: str, of: str) -> UUID:
    """Return the UUID that `text` writes: the id of an `of`."""
    try:
        return UUID(text)
    except ValueError as error:
        raise HTTPException(422, f"{cut(text, MAX_QUOTED_CHARS)} is not a valid {of}.") from error


def known_agent_type(name: str, names: Container[str]) -> str:
    """Return `name`, which is one of `names`."""
    if name not in names:
        raise HTTPException(422, f"There is no agent type {cut(name, MAX_QUOTED_CHARS)}.")
    return name
