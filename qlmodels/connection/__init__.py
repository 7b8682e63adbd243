"""Connections to Postgres: engines, pools, TLS, addresses of hosted databases."""

from qlmodels.connection.engine import (
    CONNECT_TIMEOUT_S,
    as_url,
    connect,
    connect_arguments,
    create_engine,
    engine_at,
    is_loopback,
    reaching,
)
from qlmodels.connection.exclusive import exclusive
from qlmodels.connection.pooler import pooler_of
from qlmodels.connection.pools import Pool, create_pool, open_pool
from qlmodels.connection.refusals import no_connection_left, pooler_not_named
from qlmodels.connection.session_guard import SessionGuard
from qlmodels.connection.supabase_addresses import SUPABASE, Name, as_text, at_same_address
from qlmodels.connection.tls import SYSTEM_AUTHORITIES, VERIFYING, secure
from qlmodels.connection.transactions import (
    PSQL_TEXT,
    STATEMENT_TIMEOUT,
    keep_join_order,
    read_transaction,
)

__all__ = [
    "CONNECT_TIMEOUT_S",
    "PSQL_TEXT",
    "STATEMENT_TIMEOUT",
    "SUPABASE",
    "SYSTEM_AUTHORITIES",
    "VERIFYING",
    "Name",
    "Pool",
    "SessionGuard",
    "as_text",
    "as_url",
    "at_same_address",
    "connect",
    "connect_arguments",
    "create_engine",
    "create_pool",
    "engine_at",
    "exclusive",
    "is_loopback",
    "keep_join_order",
    "no_connection_left",
    "open_pool",
    "pooler_not_named",
    "pooler_of",
    "reaching",
    "read_transaction",
    "secure",
]
