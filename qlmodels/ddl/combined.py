"""MetaData made of others: several as one, some of their tables, their schemas translated."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import MetaData, Table

from qlmodels.ddl.objects import declare, declared
from qlmodels.errors import ConfigurationError


def combined(targets: MetaData | Sequence[MetaData]) -> MetaData:
    """Return one MetaData with the tables, sequences and declarations of all.

    The tables stay those of their own MetaData. Raises ConfigurationError where two hold a table
    of the same name.
    """
    if isinstance(targets, MetaData):
        return targets
    whole = MetaData()
    for target in targets:
        _refuse_repeated(whole.tables.keys() & target.tables.keys())
        _add(whole, target, target.tables.values())
    return whole


def only(metadata: MetaData, keys: Collection[str]) -> MetaData:
    """Return `metadata` with the tables under `keys` alone."""
    if keys == metadata.tables.keys():
        return metadata
    part = MetaData()
    _add(part, metadata, [table for key, table in metadata.tables.items() if key in keys])
    return part


def translated(metadata: MetaData, schemas: Mapping[str | None, str]) -> MetaData:
    """Return `metadata` with tables in other schemas, as `schema_translate_map` says."""
    if not schemas:
        return metadata
    whole: Any = MetaData()

    def there(_table: Table, _to: Any, _constraint: Any, schema: str | None) -> str | None:
        return schemas.get(schema, schema)

    for table in metadata.tables.values():
        schema: Any = schemas.get(table.schema, table.schema)
        table.to_metadata(whole, schema=schema, referred_schema_fn=there)
    declare(whole, *declared(metadata))
    result: MetaData = whole
    return result


def _add(whole: Any, target: Any, tables: Iterable[Table]) -> None:
    for table in tables:
        whole._add_table(table.name, table.schema, table)
    whole._sequences.update(target._sequences)
    declare(whole, *declared(target))


def _refuse_repeated(names: Iterable[str]) -> None:
    for name in sorted(names):
        raise ConfigurationError(
            f"Two MetaData of target_metadata hold a table {name}. Leave one of them out, or give "
            "one of the tables another name or schema."
        )
