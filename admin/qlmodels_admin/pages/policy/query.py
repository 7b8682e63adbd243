"""What the URL of the Policy page asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.verdicts import LearningStatus
from qlmodels_admin.values import Unparsed, cut, load_json, unstorable_reason
from qlmodels_admin.web import known_agent_type

STATE_ORDERS: Final = {
    "visits": "most visited",
    "doubt": "most uncertain",
    "value": "most valuable",
}


@dataclass(frozen=True, slots=True)
class PolicyQuery:
    """What the URL asks for. Raises HTTPException 422 for what there is not."""

    agent_type: str
    contains: str | None
    by: str
    page: int
    version: int | None
    """None is the Q-table as it is now."""
    against: int | None
    """None compares with nothing."""
    state: str | None
    restore: int | None
    promote_to: str | None
    """The agent type that is to get this policy, before that is confirmed."""
    with_settings: bool

    @classmethod
    def read(
        cls, request: Request, states: Sequence[LearningStatus], names: Sequence[str]
    ) -> "PolicyQuery":
        """Read the URL; `names` are those of all agent types, `states` may be a moment old."""
        parameters = request.query_params
        chosen = cls(
            known_agent_type(parameters.get("agent_type") or states[0].agent_type, [*names]),
            _document(parameters.get("contains")),
            parameters.get("by") or "visits",
            positive_integer(parameters, "page") or 1,
            positive_integer(parameters, "version"),
            positive_integer(parameters, "against"),
            parameters.get("state") or None,
            positive_integer(parameters, "restore"),
            known_agent_type(parameters["promote_to"], [*names])
            if parameters.get("promote_to")
            else None,
            parameters.get("with_settings") == "1",
        )
        if chosen.by not in STATE_ORDERS:
            raise HTTPException(422, "States are in order by visits, doubt or value.")
        return chosen

    def url(self, **other: Any) -> str:
        """The query of this choice with other values; page 1 again unless a page is given."""
        names = ("agent_type", "contains", "by", "version", "against")
        values = {name: getattr(self, name) for name in names} | {"page": None} | other
        if values["by"] == "visits":
            del values["by"]
        if values["page"] == 1:
            del values["page"]
        return "?" + urlencode({name: value for name, value in values.items() if value is not None})


def positive_integer(parameters: Mapping[str, str], name: str) -> int | None:
    text = parameters.get(name) or None
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise HTTPException(422, f"{name} is a number from 1, and not {cut(text, 20)!r}.")
    return int(text)


def _document(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    try:
        document = load_json(text)
    except ValueError as error:
        raise HTTPException(
            422, f'Search states by JSON, for example {{"module": "auth"}} ({error}).'
        ) from error
    if isinstance(document, Unparsed):
        raise HTTPException(422, "The document is nested too deeply. Search for a part of it.")
    if (reason := unstorable_reason(document)) is not None:
        raise HTTPException(422, f"Postgres cannot hold this document: {reason}. Remove it.")
    return text.strip()
