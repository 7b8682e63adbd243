"""Which agent types Home and Fleet show: what is hidden, and which page, is in the URL."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request

from qlmodels.verdicts import LearningStatus
from qlmodels_admin.values import cut

ROWS_A_PAGE: Final = 50

MIN_ALIKE: Final = 5
"""Agent types whose names begin alike, from which hiding them together is offered."""

MAX_PREFIXES: Final = 6
"""Prefixes that are offered, the most frequent ones."""

MAX_HIDDEN: Final = 20
MAX_PAGE: Final = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FleetFilter:
    """Prefixes of names that are hidden, whether inactive agent types are, and the page."""

    hidden: tuple[str, ...] = ()
    hides_inactive: bool = False
    page: int = 1

    @classmethod
    def read(cls, request: Request) -> "FleetFilter":
        """Read the URL. Raises HTTPException 422."""
        parameters = request.query_params
        hidden = tuple(dict.fromkeys(filter(None, parameters.getlist("hide"))))
        if len(hidden) > MAX_HIDDEN:
            raise HTTPException(422, f"At most {MAX_HIDDEN} prefixes can be hidden.")
        page = parameters.get("page") or "1"
        if not (page.isascii() and page.isdigit() and 0 < int(page[:9]) <= MAX_PAGE):
            raise HTTPException(422, f"page is a number from 1, and not {cut(page, 20)!r}.")
        return cls(hidden, parameters.get("inactive") == "hide", int(page))

    @property
    def hides(self) -> bool:
        return bool(self.hidden) or self.hides_inactive

    def shown(self, states: Sequence[LearningStatus]) -> list[LearningStatus]:
        """Return those that are not hidden, in their order."""
        return [
            state
            for state in states
            if not state.agent_type.startswith(self.hidden)
            and (state.is_active or not self.hides_inactive)
        ]

    def rows_of(self, rows: Sequence[T]) -> Sequence[T]:
        """Return those of this page."""
        first = (self.page - 1) * ROWS_A_PAGE
        return rows[first : first + ROWS_A_PAGE]

    def prefixes(self, states: Sequence[LearningStatus]) -> list[tuple[str, int]]:
        """Return how names begin that are many alike, and how many, up to their first hyphen."""
        names = {state.agent_type for state in states}
        counted = Counter(name.partition("-")[0] + "-" for name in names if "-" in name)
        return [pair for pair in counted.most_common(MAX_PREFIXES) if pair[1] >= MIN_ALIKE]

    def pages(self, rows: int) -> int:
        return max(1, -(-rows // ROWS_A_PAGE))

    @property
    def url(self) -> str:
        """The query of the URL that shows this."""
        pairs = [("hide", prefix) for prefix in self.hidden]
        pairs += [("inactive", "hide")] if self.hides_inactive else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return "?" + urlencode(pairs)

    def hiding(self, prefix: str) -> str:
        """The URL that hides these too."""
        return replace(self, hidden=(*self.hidden, prefix), page=1).url

    def showing(self, prefix: str) -> str:
        """The URL that shows these again."""
        hidden = tuple(one for one in self.hidden if one != prefix)
        return replace(self, hidden=hidden, page=1).url

    def inactive(self, *, hide: bool) -> str:
        """The URL that hides or shows inactive agent types."""
        return replace(self, hides_inactive=hide, page=1).url

    def at(self, page: int) -> str:
        """The URL of another page."""
        return replace(self, page=page).url
