"""Which options of columns, tables, views and indexes are compared.

These are the documented ones and those that the models set. A server may keep others: some of
its releases write options that no statement can set. They are reported in one line and left alone.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Set
from typing import Final

from sqlalchemy import Connection

log = logging.getLogger("alembic.qlmodels")

SETTING: Final = "qlmodels.options"
"""Where the catalog queries read which options of which kind are compared."""

_EXECUTION_OPTION: Final = "qlmodels_storage_options"

_VACUUM: Final = {
    "autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_enabled",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_table_age",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_multixact_freeze_min_age",
    "autovacuum_multixact_freeze_table_age",
    "autovacuum_parallel_workers",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_max_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold",
    "log_autoanalyze_min_duration",
    "log_autovacuum_min_duration",
    "vacuum_index_cleanup",
    "vacuum_max_eager_freeze_failure_rate",
    "vacuum_truncate",
}
_COLUMN: Final = {"n_distinct", "n_distinct_inherited"}
_TABLE: Final = {
    "fillfactor",
    "parallel_workers",
    "toast_tuple_target",
    "user_catalog_table",
    *_VACUUM,
    *(f"toast.{name}" for name in _VACUUM),
}

KNOWN: Final[Mapping[str, Set[str]]] = {
    "column": _COLUMN,
    "view column": _COLUMN,
    "table": _TABLE,
    "materialized view": _TABLE,
    "view": {"check_option", "security_barrier", "security_invoker"},
    "index": {
        "autosummarize",
        "buffering",
        "deduplicate_items",
        "fastupdate",
        "fillfactor",
        "gin_pending_list_limit",
        "pages_per_range",
        "col1",
        "col2",
        "col3",
        "col4",
        "col5",
        "col6",
        "col7",
        "col8",
        "col9",
        "col10",
        "col11",
        "col12",
        "col13",
        "col14",
        "col15",
        "col16",
        "col17",
        "col18",
        "col19",
        "col20",
        "col21",
        "col22",
        "col23",
        "col24",
        "col25",
        "col26",
        "col27",
        "col28",
        "col29",
        "col30",
        "col31",
        "col32",
        "length",  # of bloom
        "ef_construction",
        "lists",
        "m",  # of pgvector
    },
}
"""By kind of fact: Postgres' documentation, and that of the access methods that come often."""

_LIST: Final = re.compile(r"\b(?:with|set)\s*\(([^()]*)\)", re.IGNORECASE)
_NAME: Final = re.compile(r"([\w.]+)\s*(?:=|,|$)")


def compare_options(
    connection: Connection, statements: Iterable[str], *, column_order: bool = False
) -> None:
    """Make reading from `connection` regard the options that the models' statements set, too."""
    declared = {
        name.lower()
        for statement in statements
        for listed in _LIST.findall(statement)
        for name in _NAME.findall(listed)
    }
    compared = {kind: sorted(names | declared) for kind, names in KNOWN.items()}
    if column_order:
        compared["column order"] = []
    connection.execution_options(**{_EXECUTION_OPTION: compared})


def setting(connection: Connection) -> str:
    """Return what SETTING holds while catalogs are read."""
    usual = {kind: sorted(names) for kind, names in KNOWN.items()}
    return json.dumps(connection.get_execution_options().get(_EXECUTION_OPTION, usual))


def report(unknown: Iterable[tuple[str, str, int]]) -> None:
    """Log in one line which options are not compared, of which kind and how many."""
    listed = ", ".join(f"{name} ({kind}: {count})" for name, kind, count in unknown)
    if listed:
        log.warning("Options that are neither documented nor declared are ignored: %s.", listed)
