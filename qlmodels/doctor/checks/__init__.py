"""One check a file: what it looks for, why, and how to fix it."""

from qlmodels.doctor.check import Check
from qlmodels.doctor.checks import (
    actions,
    autovacuum,
    bloat,
    connections,
    containment,
    dead_rows,
    drift,
    extension_schema,
    extensions,
    identity,
    invalid_indexes,
    learning,
    logins,
    long_transactions,
    missing_indexes,
    panel_login,
    plans,
    pooler,
    privileges,
    publication,
    retention,
    row_security,
    server_version,
    statement_caches,
    strangers,
    temporary_tables,
    tls,
    undeclared_access,
    unused_indexes,
)

ON_ANY: tuple[Check, ...] = (
    tls.CHECK,
    pooler.CHECK,
    statement_caches.CHECK,
    server_version.CHECK,
    drift.CHECK,
)
"""What can be asked of any database; the others need the tables."""

ON_OURS: tuple[Check, ...] = (
    extensions.CHECK,
    extension_schema.CHECK,
    row_security.CHECK,
    identity.CHECK,
    panel_login.CHECK,
    logins.CHECK,
    strangers.CHECK,
    privileges.CHECK,
    temporary_tables.CHECK,
    undeclared_access.CHECK,
    missing_indexes.CHECK,
    invalid_indexes.CHECK,
    unused_indexes.CHECK,
    plans.CHECK,
    containment.CHECK,
    connections.CHECK,
    dead_rows.CHECK,
    bloat.CHECK,
    autovacuum.CHECK,
    retention.CHECK,
    long_transactions.CHECK,
    publication.CHECK,
    learning.CHECK,
    actions.CHECK,
)

CHECKS = (*ON_ANY, *ON_OURS)
