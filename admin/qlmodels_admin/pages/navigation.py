"""Where everything is, and by which key: the navigation's entries in their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from qlmodels_admin.pages.page import Page
from qlmodels_admin.tables import MenuEntry

PAGE_SHORTCUTS: Final[Mapping[str, str]] = {
    "Home": "h",
    "Fleet": "f",
    "Curves": "c",
    "Policy": "p",
    "Trajectory": "t",
    "Patterns": "n",
    "agent_types": "a",
    "sessions": "s",
    "q_values": "q",
    "trajectories": "e",
    "rewards": "r",
    "patterns": "m",
    "agent_states": "w",
    "History": "y",
    "Isolation": "i",
    "Database": "d",
    "Alerts": "l",
    "Users": "u",
}
"""After `g`; an entry that is not named here is reached by Tab alone."""

SHORTCUTS: Final[Mapping[str, str]] = {
    "/": "search everything",
    "?": "show or hide these shortcuts",
    "j": "next row or result",
    "k": "previous row or result",
    "Enter": "open it",
    "Escape": "leave the search, or close what is open",
}


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    title: str
    url: str
    is_current: bool

    @property
    def key(self) -> str | None:
        return PAGE_SHORTCUTS.get(self.title)


def grouped(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    return groups


def entries_of(menu: Iterable[MenuEntry], pages: Iterable[Page], request: Request) -> list[Entry]:
    """Return our pages under their headings, and the views that were added.

    Tables stand before the pages of their heading.
    """
    path = request.url.path
    own = [
        Entry(page.group, page.title, url, path == url)
        for page, url in ((page, request.url_for(f"admin:{page.name}").path) for page in pages)
        if page.group is not None
    ]
    added = [Entry(entry.heading, entry.title, entry.url, entry.is_current) for entry in menu]
    first = [entry for entry in own if entry.group != "Data"]
    return [*first, *added, *(entry for entry in own if entry.group == "Data")]
