"""What changes while a page is open: listening to the database, streaming to browsers."""

from qlmodels_admin.live.stream import LiveFleet, headline, row

__all__ = ["LiveFleet", "headline", "row"]
