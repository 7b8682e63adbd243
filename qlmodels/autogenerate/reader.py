"""Reads a database's facts out of its catalogs: one SQL file a kind, all of one shape.

Each row gives the catalog address of an object, its kind and name, what it hangs on, and its
properties. pg_depend is read once and turned from addresses into names here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from orjson import loads
from sqlalchemy import Connection, Row, text

from qlmodels.autogenerate import storage_options
from qlmodels.autogenerate.dependencies import CatalogAddress, CatalogRows, Dependencies
from qlmodels.autogenerate.facts import CurrentLogin, Fact, Facts, Key
from qlmodels.autogenerate.writer import KINDS
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.autogenerate")

FACT_QUERIES, SATELLITE_QUERIES = (
    tuple(
        dict.fromkeys(
            kind.file or name.replace(" ", "_")
            for name, kind in KINDS.items()
            if kind.satellite is satellite
        )
    )
    for satellite in (False, True)
)

# How Postgres prints names, constants and expressions, whatever the session says.
SPELLING = {
    "search_path": "",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
}

# `varchar in ('a', 'b')` as Postgres prints it. The cast it adds would be pushed into the list
# when read again, and print otherwise ever after: without it the print reads as what it was.
LIST = "::character varying"
LIST_CAST = re.compile(r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]")
# The same once a dump was restored.
CAST_ITEM = re.compile(r"\(('(?:[^']|'')*'::character varying)\)::text")
CAST_LIST = re.compile(rf"ARRAY\[{CAST_ITEM.pattern}(?:, {CAST_ITEM.pattern})*\]")

VERBATIM = {"no_parameters": True}
"""Execution options for a statement in which the driver is to find no parameter."""

SETTINGS_SHOWN = text(
    "select key as name, coalesce(current_setting(key, true), '') as value"
    " from jsonb_each_text(cast(:settings as jsonb))"
)
SETTINGS_MADE = text(
    "select set_config(key, value, true) from jsonb_each_text(cast(:settings as jsonb))"
)


def _at(row: Row[*tuple[Any, ...]]) -> CatalogAddress:
    return (row.class_, row.object, row.part)


def read(connection: Connection) -> Facts:
    """Everything in the database of `connection`, ours or not, in this version's spelling."""
    with _spelling(connection):
        depends = Dependencies(run_file(connection, "depend"))
        rows = [row for kind in FACT_QUERIES for row in run_file(connection, kind)]
        hanging = [row for kind in SATELLITE_QUERIES for row in run_file(connection, kind)]
        login = run_file(connection, "login")[0]
    addressed = (row for row in rows if row.object and row.kind != "uncompared")
    names = {_at(row): Key(row.kind, row.name) for row in addressed}
    needs = {key: frozenset(which) for key, which in depends.by_name(names).items()}
    ours = [_fact(row, needs) for row in rows if not depends.is_member(_at(row))]
    whole = {at: key for at, key in names.items() if not depends.is_member(at)}
    every = [*ours, *_satellites(hanging, whole)]
    facts = {fact.key: fact for fact in every}
    while orphans := {f.key for f in every if f.of is not None and f.of not in facts}:
        every = [fact for fact in every if fact.key not in orphans]
        facts = {fact.key: fact for fact in every}
    return Facts(facts, CurrentLogin(**login._asdict())).only(facts.keys())


def report_unknown_options(connection: Connection) -> None:
    """Log in one line the options that `read` leaves out."""
    with _spelling(connection):
        rows = run_file(connection, "unknown_option")
    storage_options.report((row.name, row.kind, row.how_many) for row in rows)


def run_file(connection: Connection, name: str) -> CatalogRows:
    """The rows that one of the SQL files here gives."""
    return connection.exec_driver_sql(_sql(name), execution_options=VERBATIM).all()


@contextmanager
def _spelling(connection: Connection) -> Iterator[None]:
    """Set what changes how catalogs print, for the while, within the current transaction."""
    wanted = SPELLING | {storage_options.SETTING: storage_options.setting(connection)}
    shown = connection.execute(SETTINGS_SHOWN, {"settings": json.dumps(wanted)})
    before = {row.name: row.value for row in shown}
    connection.execute(SETTINGS_MADE, {"settings": json.dumps(wanted)})
    yield
    connection.execute(SETTINGS_MADE, {"settings": json.dumps(before)})


def _fact(row: Row[*tuple[Any, ...]], needs: Mapping[Key, frozenset[Key]]) -> Fact:
    of = Key(row.of_kind, row.of_name) if row.of_kind is not None else None
    key = Key(row.kind, row.name)
    properties, sql = row.properties, row.sql
    if not KINDS[row.kind].verbatim and LIST in properties:
        properties, sql = as_read(properties), as_read(sql)
    return Fact(key, of, loads(properties), loads(sql), needs.get(key, frozenset()))


def as_read(printed: str) -> str:
    """What Postgres printed, so that it prints alike once it was read again."""
    plain = LIST_CAST.sub(r"ARRAY[\1]", printed)
    return CAST_LIST.sub(lambda match: CAST_ITEM.sub(r"\1", match[0]), plain)


def _satellites(
    rows: Iterable[Row[*tuple[Any, ...]]], whole: Mapping[CatalogAddress, Key]
) -> Iterator[Fact]:
    """Owners, privileges and comments: facts of their own, on any other."""
    for row in rows:
        owned = whole.get(_at(row))
        above = owned or whole.get((row.of_class, row.of_object, row.of_part))
        if above is not None:
            about = str(owned) if owned is not None else row.about
            yield Fact(Key(row.kind, about), above, loads(row.properties), loads(row.sql))
