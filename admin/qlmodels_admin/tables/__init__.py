"""The pages of a table: list, row, form, import and export."""

from qlmodels_admin.tables.actions import Action, DeleteRows, SetValues
from qlmodels_admin.tables.export import EXPORT_CONNECTIONS, EXPORT_WAIT_S, Exports
from qlmodels_admin.tables.listing import (
    InvalidList,
    narrowed_query,
    page_size,
    table_rows,
)
from qlmodels_admin.tables.routes import TABLE_PAGES, TablePage, require_permission, table_routes
from qlmodels_admin.tables.row_pages import (
    RowValues,
    refuse_unsent,
    table_response,
)
from qlmodels_admin.tables.sqladmin_compat import MenuEntry, ViewRegistry, panel_of
from qlmodels_admin.tables.table_view import TableView, Viewer
from qlmodels_admin.tables.urls import list_link, row_url, view_of_table

__all__ = [
    "EXPORT_CONNECTIONS",
    "EXPORT_WAIT_S",
    "TABLE_PAGES",
    "Action",
    "DeleteRows",
    "Exports",
    "InvalidList",
    "MenuEntry",
    "RowValues",
    "SetValues",
    "TablePage",
    "TableView",
    "ViewRegistry",
    "Viewer",
    "list_link",
    "narrowed_query",
    "page_size",
    "panel_of",
    "refuse_unsent",
    "require_permission",
    "row_url",
    "table_response",
    "table_routes",
    "table_rows",
    "view_of_table",
]
