"""The panel of qlmodels: what the agents learned, in a browser."""

from qlmodels.errors import PanelMissing

try:
    from qlmodels_admin.app import create_app
    from qlmodels_admin.auth import OpenIDProvider, PanelUser
    from qlmodels_admin.rows import Filter
    from qlmodels_admin.tables import Action, DeleteRows, SetValues, TableView
    from qlmodels_admin.web import TimedHTTPProtocol
except ModuleNotFoundError as error:
    if (error.name or "").startswith("qlmodels"):
        raise
    raise PanelMissing from error

__all__ = [
    "Action",
    "DeleteRows",
    "Filter",
    "OpenIDProvider",
    "PanelUser",
    "SetValues",
    "TableView",
    "TimedHTTPProtocol",
    "create_app",
]
