"""How values are written: exact JSON, cells of tables, differences, keys of rows in URLs."""

from qlmodels.storable_text import unstorable
from qlmodels_admin.values.diff import (
    Difference,
    differences_of,
    same_value,
    shown_difference,
    text_of,
)
from qlmodels_admin.values.exact_json import (
    JSON_NULL,
    Unparsed,
    dump_json,
    load_json,
    plain_value,
    unstorable_reason,
)
from qlmodels_admin.values.format import (
    NULL_CELL,
    abbreviated,
    copy_button,
    cut,
    json_document,
    json_line,
    json_tree,
    one_line,
    plain_json,
    relative_moment,
    sparkline,
    status_word,
)
from qlmodels_admin.values.off_loop import off_loop
from qlmodels_admin.values.row_keys import (
    InvalidRowKey,
    decode_key,
    encode_key,
    key_parts,
    key_value,
)
from qlmodels_admin.values.storable import without_nul
from qlmodels_admin.values.timestamps import exact_moment, read_all_moments, read_moment

__all__ = [
    "JSON_NULL",
    "NULL_CELL",
    "Difference",
    "InvalidRowKey",
    "Unparsed",
    "abbreviated",
    "copy_button",
    "cut",
    "decode_key",
    "differences_of",
    "dump_json",
    "encode_key",
    "exact_moment",
    "json_document",
    "json_line",
    "json_tree",
    "key_parts",
    "key_value",
    "load_json",
    "off_loop",
    "one_line",
    "plain_json",
    "plain_value",
    "read_all_moments",
    "read_moment",
    "relative_moment",
    "same_value",
    "shown_difference",
    "sparkline",
    "status_word",
    "text_of",
    "unstorable",
    "unstorable_reason",
    "without_nul",
]
