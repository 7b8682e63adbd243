"""The pages of a table: list, row, form, import and export."""

from qlmodels_admin.tables.actions import Action, DeleteRows, SetValues
from qlmodels_admin.tables.export import EXPORT_CONNECTIONS, EXPORT_WAIT_S, Exports, export
from qlmodels_admin.tables.import_file import import_rows
from qlmodels_admin.tables.listing import (
    InvalidList,
    list_link,
    narrowed_query,
    page_size,
    read_list,
    table_rows,
)
from qlmodels_admin.tables.row_pages import (
    FIELDS_INVALID,
    RowValues,
    create_row,
    delete_rows,
    edit_row,
    note_query,
    row_details,
    table_response,
)
from qlmodels_admin.tables.table_view import Related, TableView

__all__ = [
    "EXPORT_CONNECTIONS",
    "EXPORT_WAIT_S",
    "FIELDS_INVALID",
    "Action",
    "DeleteRows",
    "Exports",
    "InvalidList",
    "Related",
    "RowValues",
    "SetValues",
    "TableView",
    "create_row",
    "delete_rows",
    "edit_row",
    "export",
    "import_rows",
    "list_link",
    "narrowed_query",
    "note_query",
    "page_size",
    "read_list",
    "row_details",
    "table_response",
    "table_rows",
]
