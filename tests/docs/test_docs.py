"""Links between pages lead somewhere, and every page is in the index."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "README.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in HEADING.findall(page.read_text("utf-8"))
    }


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in PAGES:
        for link in LINK.findall(page.read_text("utf-8")):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if "://" in link or (target.exists() and (not anchor or anchor in anchors(target))):
                continue
            broken.append(f"{page.name}: {link}")
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    linked = {link.partition("#")[0] for link in LINK.findall(INDEX.read_text("utf-8"))}
    assert {page.name for page in PAGES[1:]} - linked == {"README.md"}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [name for extra in extras if extra != "dev" for name in extras[extra]]
    told = (ROOT / "README.md").read_text("utf-8").partition("## Dependencies")[2]
    for requirement in [*project["dependencies"], *wanted]:
        name = re.split(r"[^\w-]", requirement)[0]
        assert name in {"qlmodels", *re.findall(r"[\w-]+", told)}, requirement
