"""The whole schema: importing this package declares all that the tables cannot say."""

import qlmodels.tables as tables
from qlmodels.ddl import access, audit, domains, internal, panel_tables, routines
from qlmodels.ddl.functions import Function
from qlmodels.ddl.grants import DefaultPrivileges, Grant, Revoke
from qlmodels.ddl.objects import (
    Domain,
    Extension,
    Membership,
    Policy,
    Publication,
    Role,
    RowSecurity,
    Schema,
    Trigger,
    View,
    declare,
    declared,
)
from qlmodels.ddl.own_tables import own_rows
from qlmodels.tables import metadata

__all__ = [
    "DefaultPrivileges",
    "Domain",
    "Extension",
    "Function",
    "Grant",
    "Membership",
    "Policy",
    "Publication",
    "Revoke",
    "Role",
    "RowSecurity",
    "Schema",
    "Trigger",
    "View",
    "access",
    "audit",
    "declare",
    "declared",
    "domains",
    "internal",
    "metadata",
    "own_rows",
    "panel_tables",
    "routines",
    "tables",
]
