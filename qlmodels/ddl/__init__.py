"""The whole schema: importing this package declares all that the tables cannot say."""

from sqlmodel import SQLModel

import qlmodels.tables as tables
from qlmodels.ddl import access, audit, internal, routines
from qlmodels.ddl.objects import (
    DefaultPrivileges,
    Extension,
    Function,
    Grant,
    Membership,
    Policy,
    Publication,
    Revoke,
    Role,
    RowSecurity,
    Schema,
    Trigger,
    View,
    declare,
    declared,
)

metadata = SQLModel.metadata

__all__ = [
    "DefaultPrivileges",
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
    "internal",
    "metadata",
    "routines",
    "tables",
]
