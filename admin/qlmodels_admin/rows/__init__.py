"""Rows of any table: fields and forms, filters, pages by key, saving, files, logged versions."""

from qlmodels_admin.rows.choice_fields import ChoiceField
from qlmodels_admin.rows.column_fields import (
    PanelConverter,
    bases,
    fingerprints,
    hold,
    is_numbered,
    read_only_reason,
)
from qlmodels_admin.rows.errors import FIELDS_INVALID, Conflict, Gone, Refused, database_refusal
from qlmodels_admin.rows.files import FORMULA_PREFIX, HINT, FileLine, InvalidLine, read_file_rows
from qlmodels_admin.rows.filters import (
    NULLNESS,
    AgentTypeFilter,
    ChoiceFilter,
    ContainsFilter,
    Filter,
    InstanceFilter,
    InvalidFilter,
    RangeFilter,
    Search,
    TimeFilter,
    YesNoFilter,
    contains_condition,
    escape_like,
)
from qlmodels_admin.rows.form_snapshot import read_snapshot
from qlmodels_admin.rows.insertion import Numbering, RestoredRow, insertion, next_number
from qlmodels_admin.rows.pagination import (
    InvalidCursor,
    ListPage,
    Order,
    Place,
    read_cursor,
    read_page,
)
from qlmodels_admin.rows.refused_values import refused_values, sentence_of
from qlmodels_admin.rows.relations import (
    Related,
    cascades_of,
    count_related,
    references_to,
    related_table,
)
from qlmodels_admin.rows.row_store import RowStore, Values
from qlmodels_admin.rows.versions import (
    SET_BY_SERVER,
    LoggedVersion,
    current_transaction,
    history_entries,
    populated,
    read_version,
)

__all__ = [
    "FIELDS_INVALID",
    "FORMULA_PREFIX",
    "HINT",
    "NULLNESS",
    "SET_BY_SERVER",
    "AgentTypeFilter",
    "ChoiceField",
    "ChoiceFilter",
    "Conflict",
    "ContainsFilter",
    "FileLine",
    "Filter",
    "Gone",
    "InstanceFilter",
    "InvalidCursor",
    "InvalidFilter",
    "InvalidLine",
    "ListPage",
    "LoggedVersion",
    "Numbering",
    "Order",
    "PanelConverter",
    "Place",
    "RangeFilter",
    "Refused",
    "Related",
    "RestoredRow",
    "RowStore",
    "Search",
    "TimeFilter",
    "Values",
    "YesNoFilter",
    "bases",
    "cascades_of",
    "contains_condition",
    "count_related",
    "current_transaction",
    "database_refusal",
    "escape_like",
    "fingerprints",
    "history_entries",
    "hold",
    "insertion",
    "is_numbered",
    "next_number",
    "populated",
    "read_cursor",
    "read_file_rows",
    "read_only_reason",
    "read_page",
    "read_snapshot",
    "read_version",
    "references_to",
    "refused_values",
    "related_table",
    "sentence_of",
]
