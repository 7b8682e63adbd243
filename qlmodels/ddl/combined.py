"""Several MetaData as one, for a database that they describe together."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import MetaData

from qlmodels.ddl.objects import declare, declared
from qlmodels.errors import ConfigurationError


def combined(targets: MetaData | Sequence[MetaData]) -> MetaData:
    """Return one MetaData with the tables, sequences and declarations of all.

    The tables stay those of their own MetaData. Raises ConfigurationError where two hold a table
    of the same name.
    """
    if isinstance(targets, MetaData):
        return targets
    whole: Any = MetaData()
    for target in targets:
        _refuse_repeated(whole.tables.keys() & target.tables.keys())
        for table in target.tables.values():
            whole._add_table(table.name, table.schema, table)
        whole._sequences.update(target._sequences)
        declare(whole, *declared(target))
    result: MetaData = whole
    return result


def _refuse_repeated(names: Iterable[str]) -> None:
    for name in sorted(names):
        raise ConfigurationError(
            f"Two MetaData of target_metadata hold a table {name}. Leave one of them out, or give "
            "one of the tables another name or schema."
        )
