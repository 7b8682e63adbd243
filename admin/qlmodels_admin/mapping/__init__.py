"""How a model is mapped: its attributes, its rows as objects, and what it refers to."""

from qlmodels_admin.mapping.attributes import (
    ModelAttribute,
    attribute_of,
    full_name,
    key_names,
    label_column,
    label_name,
    single_table_condition,
    tables_of,
)
from qlmodels_admin.mapping.objects import object_label, object_of
from qlmodels_admin.mapping.references import Reference, columns_of, mapper_of, references_of

__all__ = [
    "ModelAttribute",
    "Reference",
    "attribute_of",
    "columns_of",
    "full_name",
    "key_names",
    "label_column",
    "label_name",
    "mapper_of",
    "object_label",
    "object_of",
    "references_of",
    "single_table_condition",
    "tables_of",
]
