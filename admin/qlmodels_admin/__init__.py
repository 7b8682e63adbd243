"""The panel of qlmodels: what the agents learned, in a browser."""

from qlmodels_admin.app import create_app
from qlmodels_admin.tables import TableView

__all__ = ["TableView", "create_app"]
