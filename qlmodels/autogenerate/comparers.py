"""`compare_type` and `compare_server_default` of an environment, asked as Alembic asks them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Column, MetaData, Table

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.filters import Filters
from qlmodels.ddl.dialect import compiled
from qlmodels.ddl.quoting import identifier, qualified

TYPE_PROPERTIES = ("type", "collation")


class Comparers:
    """What the environment says of types and defaults that differ."""

    def __init__(self, context: AutogenContext, metadata: MetaData, filters: Filters) -> None:
        options = context.migration_context.opts
        self._context = context.migration_context
        self._type = options.get("compare_type", True)
        self._default = options.get("compare_server_default")
        self._metadata, self._filters = metadata, filters
        self.active = self._type is not True or callable(self._default)

    def applied(self, live: Facts, target: Facts) -> Facts:
        """Return `target`, as the database is wherever the environment takes both for the same."""
        if not self.active:
            return target
        for table, column, key in self._columns(live, target):
            if self._same_type(table, column, live[key], target[key], live):
                kept = {name: live[key][name] for name in TYPE_PROPERTIES}
                target = target.with_facts(_with(target[key], kept))
            default = Key("default", key.name)
            if self._differs(default, live, target) and self._same_default(table, column, live):
                target = target.without({default})
                target = target.with_facts(*(live[it] for it in (default,) if it in live))
        return target

    def _columns(self, live: Facts, target: Facts) -> Iterator[tuple[Table, Column[Any], Key]]:
        for table in self._metadata.tables.values():
            whole = qualified(table.schema or self._filters.schema, table.name)
            for column in table.columns:
                key = Key("column", f"{whole}.{identifier(column.name)}")
                if key in live and key in target:
                    yield table, column, key

    def _differs(self, key: Key, live: Facts, target: Facts) -> bool:
        sides = [facts[key].properties if key in facts else None for facts in (live, target)]
        return sides[0] != sides[1]

    def _same_type(
        self, table: Table, column: Column[Any], old: Fact, new: Fact, live: Facts
    ) -> bool:
        if all(old[name] == new[name] for name in TYPE_PROPERTIES) or self._type is True:
            return False
        found = self._reflected(table, column, live)
        if not self._type or found is None:
            return not self._type
        answer = self._type(self._context, found, column, found.type, column.type)
        return answer is False

    def _same_default(self, table: Table, column: Column[Any], live: Facts) -> bool:
        found = self._reflected(table, column, live)
        if not callable(self._default) or found is None:
            return False
        before: Any = found.server_default
        declared: Any = column.server_default
        rendered = None if declared is None else _rendered(declared)
        text = None if before is None else str(getattr(before, "arg", before))
        answer = self._default(self._context, found, column, text, declared, rendered)
        return answer is False

    def _reflected(self, table: Table, column: Column[Any], live: Facts) -> Column[Any] | None:
        found = self._filters.reflected(table.schema, table.name, live)
        return None if found is None else found.columns.get(column.name)


def _with(fact: Fact, properties: dict[str, Any]) -> Fact:
    known = {name: value for name, value in properties.items() if value is not None}
    rest = {name: value for name, value in fact.properties.items() if name not in properties}
    return replace(fact, properties={**rest, **known})


def _rendered(default: Any) -> str:
    arg = getattr(default, "arg", default)
    return arg if isinstance(arg, str) else compiled(arg)
