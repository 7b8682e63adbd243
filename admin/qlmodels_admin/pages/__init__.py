"""The panel's own pages, from Home to Database."""

from qlmodels_admin.pages.curves import CURVES
from qlmodels_admin.pages.database.doctor_report import cached_report
from qlmodels_admin.pages.database.page import DATABASE
from qlmodels_admin.pages.fleet import FLEET
from qlmodels_admin.pages.home import HOME
from qlmodels_admin.pages.isolation.page import ISOLATION
from qlmodels_admin.pages.navigation import SHORTCUTS, Entry, entries_of, grouped
from qlmodels_admin.pages.page import Answer, Page, Sources
from qlmodels_admin.pages.patterns import PATTERNS
from qlmodels_admin.pages.policy.page import POLICY
from qlmodels_admin.pages.search import SEARCH
from qlmodels_admin.pages.trajectory.page import TRAJECTORY

__all__ = [
    "CURVES",
    "DATABASE",
    "FLEET",
    "HOME",
    "ISOLATION",
    "PATTERNS",
    "POLICY",
    "SEARCH",
    "SHORTCUTS",
    "TRAJECTORY",
    "Answer",
    "Entry",
    "Page",
    "Sources",
    "cached_report",
    "entries_of",
    "grouped",
]
