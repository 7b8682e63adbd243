"""Reads a database's facts out of its catalogs: one SQL file a kind, all of one shape.

Each row gives the catalog address of an object, its kind and name, what it hangs on, and its
properties. pg_depend is read once and turned from addresses into names here.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from qlmodels.autogenerate.facts import Fact, Facts, Key, Login

KINDS = (
    "database", "schema", "extension", "role", "membership", "type", "sequence", "table", "column",
    "default", "constraint", "index", "table_index", "row_security", "policy", "trigger",
    "function", "view", "view_column", "publication", "publication_table", "default_privileges",
    "uncompared",
)  # fmt: skip

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

SETTINGS_SHOWN = text(
    "select key as name, current_setting(key) as value"
    " from jsonb_each_text(cast(:settings as jsonb))"
)
SETTINGS_MADE = text(
    "select set_config(key, value, true) from jsonb_each_text(cast(:settings as jsonb))"
)


class Address(NamedTuple):
    """Where the catalogs keep an object: catalog, OID, column number."""

    catalog: int
    object: int
    part: int = 0

    @property
    def whole(self) -> "Address":
        return Address(self.catalog, self.object)


Rows = Sequence[Row[*tuple[Any, ...]]]


def _at(row: Row[*tuple[Any, ...]]) -> Address:
    return Address(row.class_, row.object, row.part)


def read(connection: Connection) -> Facts:
    """Everything in the database of `connection`, ours or not, in this version's spelling."""
    with _spelling(connection):
        rows = [row for kind in KINDS for row in run_file(connection, kind)]
        depends = _Dependencies(run_file(connection, "depend"))
        known = {_at(row): _fact(row) for row in rows if row.kind != "uncompared"}
        anonymous = [_fact(row) for row in rows if not row.object]
        ours = {at: fact for at, fact in known.items() if at.object and not depends.extension(at)}
        uncompared = [
            _fact(row)
            for row in rows
            if row.kind == "uncompared" and not depends.extension(_at(row))
        ]
        satellites = _satellites(connection, ours, depends)
        login = run_file(connection, "login")[0]
    names = {at: fact.key for at, fact in known.items() if at.object}
    needs = depends.by_name(names)
    every = [*ours.values(), *anonymous, *uncompared, *satellites]
    facts = {fact.key: replace(fact, needs=frozenset(needs[fact.key])) for fact in every}
    while orphans := {f.key for f in facts.values() if f.of is not None and f.of not in facts}:
        facts = {key: fact for key, fact in facts.items() if key not in orphans}
    return Facts(facts, Login(**login._asdict())).only(facts.keys())


@cache
def _sql(name: str) -> str:
    return (files("qlmodels.autogenerate") / "sql" / f"{name}.sql").read_text()


def run_file(connection: Connection, name: str) -> Rows:
    """The rows that one of the SQL files here gives."""
    options = {"no_parameters": True}
    return connection.exec_driver_sql(_sql(name), execution_options=options).all()


@contextmanager
def _spelling(connection: Connection) -> Iterator[None]:
    """Set what changes how catalogs print, for the while, within the current transaction."""
    shown = connection.execute(SETTINGS_SHOWN, {"settings": json.dumps(SPELLING)})
    before = {row.name: row.value for row in shown}
    connection.execute(SETTINGS_MADE, {"settings": json.dumps(SPELLING)})
    yield
    connection.execute(SETTINGS_MADE, {"settings": json.dumps(before)})


def _fact(row: Row[*tuple[Any, ...]]) -> Fact:
    of = Key(row.of_kind, row.of_name) if row.of_kind is not None else None
    return Fact(Key(row.kind, row.name), of, json.loads(row.properties))


def _satellites(
    connection: Connection, ours: Mapping[Address, Fact], depends: "_Dependencies"
) -> list[Fact]:
    """Owners, privileges and comments: facts of their own, whatever they belong to."""
    found: list[Fact] = []
    for row in run_file(connection, "owner"):
        owned = ours.get(_at(row))
        if owned is not None and owned["owned by"] is None:
            found.append(_hanging("owner", owned, {"owner": row.owner}))
    for row in run_file(connection, "acl"):
        properties = {"grants": json.loads(row.grants)}
        if (owned := ours.get(_at(row))) is not None:
            found.append(_hanging("acl", owned, properties))
        elif (column := ours.get(depends.owner(_at(row)))) is not None and column["identity"]:
            about = f"sequence {column['sequence name']}"
            found.append(Fact(Key("acl", about), column.key, properties))
    for row in run_file(connection, "column_acl"):
        if (owned := ours.get(_at(row))) is not None:
            found.append(_hanging("column acl", owned, {"grants": json.loads(row.grants)}))
    for row in run_file(connection, "comment"):
        above = ours.get(Address(row.of_class, row.of_object, row.of_part))
        if (owned := ours.get(_at(row))) is not None and owned.kind != "extension":
            found.append(_hanging("comment", owned, {"comment": row.comment}))
        elif owned is None and above is not None:
            key = Key("comment", f"{row.noun} {row.name}")
            found.append(Fact(key, above.key, {"comment": row.comment}))
    return found


def _hanging(kind: str, owned: Fact, properties: dict[str, Any]) -> Fact:
    return Fact(Key(kind, str(owned.key)), owned.key, properties)


class _Dependencies:
    """pg_depend, with the objects that Postgres keeps for itself folded into their owners."""

    def __init__(self, rows: Rows) -> None:
        self._edges = [
            (_at(row), Address(row.ref_class, row.ref_object, row.ref_part), row.type)
            for row in rows
        ]
        self._owner = {a: b for a, b, kind in self._edges if kind in "iPS"}
        self._extension = {a.whole: b for a, b, kind in self._edges if kind == "e"}

    def extension(self, at: Address) -> Address | None:
        """The extension that `at` is a member of."""
        return self._extension.get(at.whole)

    def owner(self, at: Address) -> Address:
        """What Postgres keeps `at` for: the column of an identity sequence, for one."""
        return self._owner.get(at, at)

    def by_name(self, names: Mapping[Address, Key]) -> Mapping[Key, set[Key]]:
        needs: dict[Key, set[Key]] = defaultdict(set)
        for at, key in names.items():
            if at.part < 0 and (index := self._resolve(at.whole, names)):
                needs[key].add(index)
        for a, b, _ in self._edges:
            this, that = self._resolve(a, names), self._resolve(b, names)
            if this is not None and that is not None and this != that:
                needs[this].add(that)
        return needs

    def _resolve(self, at: Address, names: Mapping[Address, Key]) -> Key | None:
        """The fact that `at` belongs to: itself, its owner, its extension, its whole."""
        seen: set[Address] = set()
        while at not in seen:
            seen.add(at)
            if (extension := self.extension(at)) is not None:
                return names.get(extension)
            if at in names:
                return names[at]
            whole = at.whole
            at = self._owner.get(at) or self._owner.get(whole) or whole
        return None
