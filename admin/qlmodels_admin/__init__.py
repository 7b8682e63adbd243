"""The panel of qlmodels: what the agents learned, in a browser."""

from qlmodels_admin.app import create_app
from qlmodels_admin.auth import OpenIDProvider, PanelUser
from qlmodels_admin.rows import Filter
from qlmodels_admin.tables import Action, DeleteRows, SetValues, TableView

__all__ = [
    "Action",
    "DeleteRows",
    "Filter",
    "OpenIDProvider",
    "PanelUser",
    "SetValues",
    "TableView",
    "create_app",
]
