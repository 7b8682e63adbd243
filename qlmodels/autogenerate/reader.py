"""Reads a database's facts out of its catalogs: one SQL file a kind, all of one shape.

Each row gives the catalog address of an object, its kind and name, what it hangs on, and its
properties. pg_depend is read once and turned from addresses into names here.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from qlmodels.autogenerate import storage_options
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
LIST_CAST = re.compile(r"\(ARRAY\[((?:'(?:[^']|'')*'::character varying(?:, )?)+)\]\)::text\[\]")

VERBATIM = {"no_parameters": True}
"""Execution options for a statement in which the driver is to find no parameter."""

SETTINGS_SHOWN = text(
    "select key as name, coalesce(current_setting(key, true), '') as value"
    " from jsonb_each_text(cast(:settings as jsonb))"
)
SETTINGS_MADE = text(
    "select set_config(key, value, true) from jsonb_each_text(cast(:settings as jsonb))"
)


class ObjectAddress(NamedTuple):
    """Where the catalogs keep an object: catalog, OID, column number."""

    catalog: int
    object: int
    part: int = 0

    @property
    def whole(self) -> "ObjectAddress":
        return ObjectAddress(self.catalog, self.object)


CatalogRows = Sequence[Row[*tuple[Any, ...]]]


def _at(row: Row[*tuple[Any, ...]]) -> ObjectAddress:
    return ObjectAddress(row.class_, row.object, row.part)


def read(connection: Connection) -> Facts:
    """Everything in the database of `connection`, ours or not, in this version's spelling."""
    with _spelling(connection):
        depends = _Dependencies(run_file(connection, "depend"))
        rows = [row for kind in FACT_QUERIES for row in run_file(connection, kind)]
        found = [(_at(row), _fact(row)) for row in rows]
        ours = [(at, fact) for at, fact in found if not depends.extension(at)]
        hanging = [row for kind in SATELLITE_QUERIES for row in run_file(connection, kind)]
        login = run_file(connection, "login")[0]
    every = [*(fact for _, fact in ours), *_satellites(hanging, _by_address(ours))]
    needs = depends.by_name({at: fact.key for at, fact in _by_address(found).items()})
    facts = {fact.key: replace(fact, needs=frozenset(needs[fact.key])) for fact in every}
    while orphans := {f.key for f in facts.values() if f.of is not None and f.of not in facts}:
        facts = {key: fact for key, fact in facts.items() if key not in orphans}
    return Facts(facts, CurrentLogin(**login._asdict())).only(facts.keys())


def report_unknown_options(connection: Connection) -> None:
    """Log in one line the options that `read` leaves out."""
    with _spelling(connection):
        rows = run_file(connection, "unknown_option")
    storage_options.report((row.name, row.kind, row.how_many) for row in rows)


def _by_address(found: Iterable[tuple[ObjectAddress, Fact]]) -> dict[ObjectAddress, Fact]:
    return {at: fact for at, fact in found if at.object and fact.kind != "uncompared"}


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


def _fact(row: Row[*tuple[Any, ...]]) -> Fact:
    of = Key(row.of_kind, row.of_name) if row.of_kind is not None else None
    reading = str if KINDS[row.kind].verbatim else as_read
    properties, sql = (json.loads(reading(said)) for said in (row.properties, row.sql))
    return Fact(Key(row.kind, row.name), of, properties, sql)


def as_read(printed: str) -> str:
    """What Postgres printed, so that it prints alike once it was read again."""
    return LIST_CAST.sub(r"ARRAY[\1]", printed)


def _satellites(
    rows: Iterable[Row[*tuple[Any, ...]]], ours: Mapping[ObjectAddress, Fact]
) -> Iterator[Fact]:
    """Owners, privileges and comments: facts of their own, whatever they belong to."""
    for row in rows:
        owned = ours.get(_at(row))
        above = owned or ours.get(ObjectAddress(row.of_class, row.of_object, row.of_part))
        if above is not None:
            about = str(owned.key) if owned is not None else row.about
            properties, sql = json.loads(row.properties), json.loads(row.sql)
            yield Fact(Key(row.kind, about), above.key, properties, sql)


class _Dependencies:
    """pg_depend, with the objects that Postgres keeps for itself folded into their owners."""

    def __init__(self, rows: CatalogRows) -> None:
        self._edges = [
            (_at(row), ObjectAddress(row.ref_class, row.ref_object, row.ref_part), row.type)
            for row in rows
        ]
        internal = {a: b for a, b, kind in self._edges if kind == "i"}
        # what a partition has because its whole has it
        self._clones = {a: b for a, b, kind in self._edges if kind == "P"}
        self._owner = internal | self._clones
        self._extension = {a.whole: b for a, b, kind in self._edges if kind == "e"}

    def extension(self, at: ObjectAddress) -> ObjectAddress | None:
        """The extension that `at` is a member of."""
        return self._extension.get(at.whole)

    def by_name(self, names: Mapping[ObjectAddress, Key]) -> Mapping[Key, set[Key]]:
        needs: dict[Key, set[Key]] = defaultdict(set)
        for at, key in names.items():
            if at.part < 0 and (index := self._resolve(at.whole, names)):
                needs[key].add(index)
        for a, b, _ in self._edges:
            if a in self._clones:
                continue
            this, that = self._resolve(a, names), self._resolve(b, names)
            if this is not None and that is not None and this != that:
                needs[this].add(that)
        return needs

    def _resolve(self, at: ObjectAddress, names: Mapping[ObjectAddress, Key]) -> Key | None:
        """The fact that `at` belongs to: itself, its owner, its extension, its whole."""
        seen: set[ObjectAddress] = set()
        while at not in seen:
            seen.add(at)
            if (extension := self.extension(at)) is not None:
                return names.get(extension)
            if at in names:
                return names[at]
            whole = at.whole
            at = self._owner.get(at) or self._owner.get(whole) or whole
        return None
