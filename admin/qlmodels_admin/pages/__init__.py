"""The panel's own pages, from Home to Database."""

from qlmodels_admin.pages.database.doctor_report import cached_report
from qlmodels_admin.pages.navigation import SHORTCUTS, grouped
from qlmodels_admin.pages.page import Sources
from qlmodels_admin.pages.routes import navigation_entries, page_routes

__all__ = [
    "SHORTCUTS",
    "Sources",
    "cached_report",
    "grouped",
    "navigation_entries",
    "page_routes",
]
