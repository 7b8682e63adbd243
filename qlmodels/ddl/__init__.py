"""The whole schema: importing this package declares all that the tables cannot say."""

import qlmodels.tables as tables
from qlmodels.ddl import access, audit, domains, internal, panel_tables, routines
from qlmodels.ddl.audit import audited
from qlmodels.ddl.functions import Function
from qlmodels.ddl.grants import DefaultPrivileges, Grant, Revoke
from qlmodels.ddl.objects import (
    Extension,
    Membership,
    Policy,
    Role,
    RowSecurity,
    Schema,
    View,
    declare,
    declared,
)
from qlmodels.ddl.own_tables import own_rows
from qlmodels.ddl.storage import Partition, Statistics
from qlmodels.ddl.triggers import Publication, Rule, Trigger
from qlmodels.ddl.types import CompositeType, Domain, RangeType
from qlmodels.tables import metadata

__all__ = [
    "CompositeType",
    "DefaultPrivileges",
    "Domain",
    "Extension",
    "Function",
    "Grant",
    "Membership",
    "Partition",
    "Policy",
    "Publication",
    "RangeType",
    "Revoke",
    "Role",
    "RowSecurity",
    "Rule",
    "Schema",
    "Statistics",
    "Trigger",
    "View",
    "access",
    "audit",
    "audited",
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
