"""The keys of all advisory locks that the library and the panel take, one bigint each.

Beside them `qlmodels.lock_states` takes locks of two integers, hashes of an agent type and a state,
which are keys of a space of their own.
"""

from enum import IntEnum


class AdvisoryLock(IntEnum):
    """What one session at a time may do in a database. Releases share the keys: never reuse one."""

    SCHEMA_UPGRADE = 7_160_425_201
    """Revisions, by `alembic`, `qlmodels upgrade` and `qlmodels adopt`: a transaction's; waits."""

    PURGE = 7_160_425_202
    """A batch of the panel's purge: a transaction's; without it, the process skips the batch."""

    SIZE_SAMPLES = 7_160_425_203
    """The panel's hourly sample of table sizes: a transaction's; without it, none is written."""

    PROVISION = 7_160_425_204
    """Login and database of an embedded server: a session's, since CREATE DATABASE refuses
    transactions, on a direct connection to database `postgres`; waits."""

    DEMO = 7_160_425_205
    """A run or removal of the demo fleet: a transaction's; without it, DemoRunning."""

    LOAD_TEST = 7_160_425_206
    """A run or clean-up of the load test: a transaction's; without it, LoadTestRunning."""

    ALERTS = 7_160_425_207
    """An evaluation of the panel's alerts: a transaction's; waits."""
