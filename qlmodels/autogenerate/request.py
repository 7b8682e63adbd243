"""What Alembic and the environment ask of a comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, MetaData, Table, text

from qlmodels.autogenerate.contract import require_choice
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.failures import NotPossible
from qlmodels.autogenerate.filters import NEEDS_EXCLUDED, Filters
from qlmodels.autogenerate.platform import PLATFORM_SCHEMAS
from qlmodels.ddl.combined import combined, only, translated
from qlmodels.ddl.objects import Schema, declared
from qlmodels.ddl.quoting import PUBLIC, identifier, qualified

CURRENT_PATH = text(
    "select pg_catalog.current_schema(), array_to_string(array(select quote_ident(schema) from"
    " unnest(pg_catalog.current_schemas(false)) as schema), ', ')"
)


@dataclass(frozen=True)
class Request:
    """One comparison: of which database with which models, and what the user said."""

    context: AutogenContext
    connection: Connection
    metadata: MetaData
    """As the environment gave it, several as one, with schemas translated."""
    schema: str
    """Where tables are that name no schema."""
    search_path: str
    arguments: Mapping[str, str]
    """`-x name=value` of the command line."""

    @classmethod
    def of(cls, context: AutogenContext) -> Self:
        """Raises NotPossible, or ConfigurationError for MetaData that do not fit together."""
        connection, given = context.connection, context.metadata
        if connection is None or given is None:
            raise NotPossible("Autogenerate needs a connection and target_metadata.")
        options = context.migration_context.opts
        names: dict[str | None, str] = (
            connection.get_execution_options().get("schema_translate_map") or {}
        )
        current, path = connection.execute(CURRENT_PATH).one()
        asked = options.get("default_schema") or names.get(None)
        schema = str(asked or current or PUBLIC)
        if schema != current:
            path = ", ".join(filter(None, (identifier(schema), path)))
        environment = context.migration_context.environment_context
        arguments: Any = environment.get_x_argument(as_dictionary=True) if environment else {}
        places = {key: str(place) for key, place in names.items() if place is not None}
        if schema != PUBLIC:
            places[None] = schema
        metadata = translated(combined(given), places)
        return cls(context, connection, metadata, schema, path, arguments)

    @property
    def first(self) -> bool:
        """Whether the history has not begun in this database."""
        migration = self.context.migration_context
        return not migration.opts.get("is_made") and not migration.get_current_heads()

    def history(self) -> str:
        """Return the text of the revisions that led to the database."""
        environment = self.context.migration_context.environment_context
        if environment is None:
            return ""
        heads = self.context.migration_context.get_current_heads()
        led = environment.script.iterate_revisions(heads, "base")
        return "".join(Path(revision.path).read_text("utf-8") for revision in led)

    @property
    def concurrently(self) -> bool | None:
        """Whether indexes are built beside writers; None for those whose models say so."""
        return {"yes": True, "no": False}.get(self.arguments.get("concurrently", ""))

    @property
    def column_order(self) -> bool:
        """Whether columns in another order are a difference."""
        return bool(self.context.migration_context.opts.get("column_order"))

    @property
    def scratch_template(self) -> str | None:
        """The template database for scratch; the command line goes first."""
        given = self.context.migration_context.opts.get("scratch_template")
        return self.arguments.get("scratch_template", given)

    @property
    def may_be_restored(self) -> bool:
        """Whether privileges of the database itself may be missing, which no dump holds."""
        return bool(self.context.migration_context.opts.get("may_be_restored"))

    @property
    def version_table(self) -> str:
        """Alembic's own table, qualified and quoted."""
        migration = self.context.migration_context
        return qualified(migration.version_table_schema or self.schema, migration.version_table)

    @property
    def undeclared(self) -> str:
        """What is done with objects that nobody declared; the command line goes first."""
        given = self.context.migration_context.opts.get("undeclared", "list")
        asked = self.arguments.get("undeclared", given)
        return require_choice("error" if asked == "report" else asked)

    @cached_property
    def filters(self) -> Filters:
        return Filters(self.context, self.schema)

    def compared_metadata(self, live: Facts) -> tuple[MetaData, frozenset[Key]]:
        """Return the MetaData less what is left out, and the facts that are left out.

        Tables in a platform's schema that is not declared are references to what stands there.
        """
        left_out, keys = self.filters.tables(self.metadata, live)
        schemas = {thing.name for thing in declared(self.metadata) if isinstance(thing, Schema)}
        platform = {
            key
            for key, table in self.metadata.tables.items()
            if table.schema in PLATFORM_SCHEMAS - schemas
            and Key("schema", identifier(table.schema)) in live
        }
        for table in self.metadata.tables.values():
            if table.key not in left_out:
                self._require_there(table, left_out, live)
        metadata = only(self.metadata, self.metadata.tables.keys() - left_out - platform)
        keys |= set(self.filters.parts(metadata, live))
        return metadata, frozenset(keys)

    def _require_there(self, table: Table, left_out: set[str], live: Facts) -> None:
        """Raises NotPossible for a reference to a table that is neither declared nor there."""
        for key in table.foreign_keys:
            other = key.column.table
            if other.key in left_out and self._key(other) not in live:
                raise NotPossible(
                    NEEDS_EXCLUDED.format(user=f"table {table.key}", used=f"table {other.key}")
                )

    def _key(self, table: Table) -> Key:
        return Key("table", qualified(table.schema or self.schema, table.name))
