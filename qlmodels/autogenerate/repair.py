"""Bring a database back to its models without a revision: what was changed by hand is undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData

from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.autogenerate.compare import compare
from qlmodels.autogenerate.failures import in_words
from qlmodels.autogenerate.plugin import options
from qlmodels.autogenerate.reader import VERBATIM
from qlmodels.autogenerate.request import Request
from qlmodels.autogenerate.upgrade import (
    LOCK_TIMEOUT,
    TAKE_LOCK,
    patiently,
    set_for_transaction,
)
from qlmodels.autogenerate.writer import Statement


@dataclass(frozen=True)
class Repair:
    """Statements that make the database as the models say, proved in a scratch database."""

    statements: Sequence[Statement]
    left: Sequence[str]
    """What differs and no statement of this login's can change, in words."""

    def run(self, connection: Connection, lose: str = "") -> None:
        """Run all of them or none. `lose` names a table or column whose data may be lost."""
        with in_words():
            patiently(partial(self._run, connection, lose))

    def _run(self, connection: Connection, lose: str) -> None:
        with connection.begin():
            connection.execute(TAKE_LOCK, {"key": AdvisoryLock.SCHEMA_UPGRADE})
            set_for_transaction(connection, "lock_timeout", LOCK_TIMEOUT)
            set_for_transaction(connection, "qlmodels.lose", lose)
            for statement in self.statements:
                connection.exec_driver_sql(statement.sql, execution_options=VERBATIM)


def plan_repair(connection: Connection, metadata: MetaData, version_schema: str) -> Repair:
    """Compare, and prove what is to be done. Ends the transaction of `connection`.

    Raises NotPossible and other errors of autogenerate where the difference cannot be written.
    """
    given = {
        **options(),
        "target_metadata": metadata,
        "version_table_schema": version_schema,
        "default_schema": "public",
        "is_made": True,
        "column_order": True,
    }
    with in_words():
        migration = MigrationContext.configure(connection, opts=given)
        request = Request.of(AutogenContext(migration, metadata))
        comparison, change = compare(request, proving=True)
        connection.rollback()
        if change is None:
            return Repair((), ())
        if change.up.refusal is not None:
            raise change.up.refusal
        return Repair(change.up.statements, comparison.helpless)
