"""One check a file: what it looks for, why, and how to mend it."""

from qlmodels.doctor.check import Check
from qlmodels.doctor.checks import (
    autovacuum,
    connections,
    dead_rows,
    drift,
    extensions,
    identity,
    invalid_indexes,
    learning,
    logins,
    long_transactions,
    missing_indexes,
    plans,
    pooler,
    privileges,
    publication,
    retention,
    row_security,
    server_version,
    strangers,
    tls,
    unused_indexes,
)

ON_ANY: tuple[Check, ...] = (tls.CHECK, pooler.CHECK, server_version.CHECK, drift.CHECK)
"""What can be asked of any database; the others need the tables."""

ON_OURS: tuple[Check, ...] = (
    extensions.CHECK,
    row_security.CHECK,
    identity.CHECK,
    logins.CHECK,
    strangers.CHECK,
    privileges.CHECK,
    missing_indexes.CHECK,
    invalid_indexes.CHECK,
    unused_indexes.CHECK,
    plans.CHECK,
    connections.CHECK,
    dead_rows.CHECK,
    autovacuum.CHECK,
    retention.CHECK,
    long_transactions.CHECK,
    publication.CHECK,
    learning.CHECK,
)
