"""What an environment leaves out by `include_name` and `include_object`, as Alembic calls them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import ForeignKeyConstraint, MetaData, Table, UniqueConstraint
from sqlalchemy.exc import NoSuchTableError

from qlmodels.autogenerate.describe import name
from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.failures import NotPossible
from qlmodels.ddl.quoting import identifier, qualified

NEEDS_EXCLUDED = (
    "{user} needs {used}, which include_object or include_name leaves out and the database does "
    "not have. Leave {user} out too, or include {used}."
)

Parts = dict[tuple[str, str], Any]
"""Parts of a table by their type, as Alembic calls it, and name."""


class Filters:
    """Asks the environment about tables and parts of them, once each side is known."""

    def __init__(self, context: AutogenContext, schema: str) -> None:
        self._context = context
        self.schema = schema
        self._reflections = MetaData()
        self.active = bool(context._object_filters or context._name_filters)

    def tables(self, metadata: MetaData, live: Facts) -> tuple[set[str], set[Key]]:
        """Return the tables to leave out, by their key in `metadata` and as facts."""
        if not self.active:
            return set(), set()
        left_out, facts = set(), set()
        for key in {**dict.fromkeys(metadata.tables), **self._live_tables(live)}:
            declared = metadata.tables.get(key)
            if not self._includes_table(key, declared, live):
                left_out |= {key} & metadata.tables.keys()
                facts.add(self._fact(key))
        return left_out, facts

    def parts(self, metadata: MetaData, live: Facts) -> Iterator[Key]:
        """Yield columns, indexes and constraints of included tables that are left out."""
        if not self.active:
            return
        for table in metadata.tables.values():
            here = self._parts(table)
            reflected = self.reflected(table.schema, table.name, live)
            there = self._parts(reflected) if reflected is not None else {}
            for kind, part in {**here, **there}:
                declared, found = here.get((kind, part)), there.get((kind, part))
                known = found is None or self._named(part, kind, table)
                if not known or not self._allowed(part, kind, declared, found):
                    yield self._part_fact(kind, part, table)

    def _includes_table(self, key: str, declared: Table | None, live: Facts) -> bool:
        schema, _, table = key.rpartition(".")
        place = schema or None
        reflected = self.reflected(place, table, live)
        if reflected is not None and not self._context.run_name_filters(
            table, "table", {"schema_name": place}
        ):
            return False
        return self._allowed(table, "table", declared, reflected)

    def _allowed(self, part: str, kind: Any, declared: Any, reflected: Any) -> bool:
        """Ask about what is declared, with what stands in the database to compare it to."""
        if declared is None:
            return self._context.run_object_filters(reflected, part, kind, True, None)
        return self._context.run_object_filters(declared, part, kind, False, reflected)

    def _named(self, part: str, kind: Any, table: Table) -> bool:
        parents: Any = {"table_name": table.name, "schema_name": table.schema}
        return self._context.run_name_filters(part, kind, parents)

    def _live_tables(self, live: Facts) -> dict[str, None]:
        """Return tables of the database by the keys that MetaData would give them."""
        inspector = self._context.inspector
        schemas = {key.name for key in live if key.kind == "schema"}
        found: dict[str, None] = {}
        for schema in inspector.get_schema_names():
            if identifier(schema) in schemas:
                head = "" if schema == self.schema else f"{schema}."
                names = inspector.get_table_names(schema)
                found |= dict.fromkeys(f"{head}{table}" for table in names)
        version = self._context.migration_context.version_table
        return {key: None for key in found if key.rpartition(".")[2] != version}

    def reflected(self, schema: str | None, table: str, live: Facts) -> Table | None:
        """Return a table of the database as SQLAlchemy reflects it, None where it is not there."""
        if Key("table", qualified(schema or self.schema, table)) not in live:
            return None
        known = self._reflections.tables
        key = table if schema is None else f"{schema}.{table}"
        if key not in known:
            try:
                Table(
                    table,
                    self._reflections,
                    schema=schema,
                    autoload_with=self._context.connection,
                    resolve_fks=False,
                )
            except NoSuchTableError:
                return None
        return known[key]

    def _fact(self, key: str) -> Key:
        schema, _, table = key.rpartition(".")
        return Key("table", qualified(schema or self.schema, table))

    def _part_fact(self, kind: str, part: str, table: Table) -> Key:
        whole = qualified(table.schema or self.schema, table.name)
        match kind:
            case "column":
                return Key("column", f"{whole}.{identifier(part)}")
            case "index":
                return Key("index", qualified(table.schema or self.schema, part))
            case _:
                return Key("constraint", f"{identifier(part)} on {whole}")

    def _parts(self, table: Table) -> Parts:
        """Return parts that have a name, by the words of Alembic's contract."""
        found: Parts = {("column", column.name): column for column in table.columns}
        found |= {("index", str(index.name)): index for index in table.indexes if index.name}
        for constraint in table.constraints:
            kind = {
                UniqueConstraint: "unique_constraint",
                ForeignKeyConstraint: "foreign_key_constraint",
            }.get(type(constraint))
            if kind is not None and constraint.name:
                found[kind, str(constraint.name)] = constraint
        return found


def with_excluded(live: Facts, target: Facts, excluded: Iterable[Key]) -> tuple[Facts, Facts]:
    """Return both sides with what is excluded as the database has it.

    A table that is excluded is on neither side; a part of a table stays as it is.
    """
    for key in sorted(excluded):
        if key.kind == "table":
            live, target = live.without({key}), target.without({key})
            continue
        target = _require_unneeded(target, key) if key not in live else target
        target = _as_live(live, target, key)
    return live, target


def _require_unneeded(target: Facts, key: Key) -> Facts:
    """Raises NotPossible where something declared needs what neither side has."""
    for user in target.dependents(key):
        if target.root(user) != key and key not in target.chain(user):
            raise NotPossible(NEEDS_EXCLUDED.format(user=name(user), used=name(key)))
    return target


def _as_live(live: Facts, target: Facts, key: Key) -> Facts:
    branch = [fact for other, fact in live.items() if key in live.chain(other)]
    changed = target.without({key}).with_facts(*branch)
    if key.kind != "column":
        return changed
    of = (live.get(key) or target.get(key) or Fact(key)).of
    if of is None or of not in changed:
        return changed
    table = changed[of]
    columns = _placed(list(table.sql["columns"]), key, live.get(of), present=key in live)
    return changed.with_facts(replace(table, sql={**table.sql, "columns": columns}))


def _placed(columns: list[str], key: Key, live: Fact | None, *, present: bool) -> list[str]:
    """Return the order of columns with one behind that which it follows in the database."""
    column = next((c for c in [*columns, *_columns(live)] if key.name.endswith(f".{c}")), "")
    rest = [other for other in columns if other != column]
    if not present:
        return rest
    before = _columns(live)[: _columns(live).index(column)]
    place = max((rest.index(other) + 1 for other in before if other in rest), default=0)
    return [*rest[:place], column, *rest[place:]]


def _columns(table: Fact | None) -> list[str]:
    return list(table.sql["columns"]) if table is not None else []
