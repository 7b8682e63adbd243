"""Statements that make, unmake and change facts: the one place that writes DDL."""

from qlmodels.autogenerate.writer import (
    columns,
    keys,
    namespaces,
    privileges,
    roles,
    routines,
    types,
)
from qlmodels.autogenerate.writer import tables as tables
from qlmodels.autogenerate.writer.base import CannotWrite, Change, Statement, Writer, nothing

# In the order in which things are made, where nothing else decides.
WRITERS: dict[str, Writer] = {
    "role": roles.ROLE,
    "membership": roles.MEMBERSHIP,
    "database": Writer(nothing, nothing),
    "schema": namespaces.SCHEMA,
    "extension": namespaces.EXTENSION,
    "type": types.TYPE,
    "table": tables.TABLE,
    "column": columns.COLUMN,
    "default": columns.DEFAULT,
    "sequence": namespaces.SEQUENCE,
    "constraint": keys.CONSTRAINT,
    "index": keys.INDEX,
    "cluster": tables.CLUSTER,
    "replica identity": tables.REPLICA_IDENTITY,
    "function": routines.FUNCTION,
    "trigger": routines.TRIGGER,
    "view": routines.VIEW,
    "materialized view": routines.VIEW,
    "view column": columns.VIEW_COLUMN,
    "owner": roles.OWNER,
    "row security": tables.ROW_SECURITY,
    "policy": roles.POLICY,
    "acl": privileges.ACL,
    "column acl": privileges.COLUMN_ACL,
    "default privileges": privileges.DEFAULT_PRIVILEGES,
    "publication": namespaces.PUBLICATION,
    "publication table": namespaces.PUBLICATION_TABLE,
    "comment": namespaces.COMMENT,
    "uncompared": namespaces.UNCOMPARED,
}

__all__ = [
    "WRITERS",
    "CannotWrite",
    "Change",
    "Statement",
    "Writer",
    "keys",
    "privileges",
    "tables",
    "types",
]
