"""Where everything is, and by which key: the navigation's entries in their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from qlmodels_admin.pages.page import Page

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
}
"""After `g`; an entry that is not named here is reached by Tab alone."""

SHORTCUTS: Final[Mapping[str, str]] = {
    "/": "search everything",
    "?": "show these keys, or hide them",
    "j": "next row or result",
    "k": "the one before",
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
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.group, []).append(entry)
    return found


def entries_of(menu: Any, pages: Iterable[Page], request: Request) -> list[Entry]:
    """Our pages under their headings, and whatever was added to sqladmin's menu, for who asks.

    Tables stand before the pages of their heading.
    """
    path = request.url.path
    own = [
        Entry(page.group, page.title, url, path == url)
        for page, url in ((page, request.url_for(f"admin:{page.name}").path) for page in pages)
        if page.group is not None
    ]
    added = []
    for item in menu.items:
        if not (item.is_visible(request) and item.is_accessible(request)):
            continue
        children = item.children if item.type_ == "Category" else [item]
        heading = item.display_name if item.type_ == "Category" else ""
        for child in children:
            if child.is_visible(request) and child.is_accessible(request):
                view = getattr(child, "view", None)
                title = getattr(view, "title", None) or child.display_name
                url = getattr(child.url(request), "path", str(child.url(request)))
                added.append(Entry(heading, title, url, child.is_active(request)))
    first = [entry for entry in own if entry.group != "Data"]
    return [*first, *added, *(entry for entry in own if entry.group == "Data")]
