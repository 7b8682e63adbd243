"""The two sides of a comparison, before either is narrowed to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import MetaData

from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.outside import extension_names, used_by_models
from qlmodels.autogenerate.reader import read, report_unknown_options
from qlmodels.autogenerate.request import Request
from qlmodels.autogenerate.storage_options import compare_options
from qlmodels.ddl.build import statements
from qlmodels.ddl.quoting import unquoted


@dataclass(frozen=True)
class Sides:
    """All that is in the database, and the SQL of the models that are compared with it."""

    live: Facts
    metadata: MetaData
    excluded: frozenset[Key]
    script: Sequence[str]
    used: Facts
    """What the models use of others."""

    @classmethod
    def of(cls, request: Request) -> Self:
        """Read the database of a request. Raises NotPossible for models that do not fit it."""
        whole = statements(request.metadata)
        compare_options(request.connection, whole, column_order=request.column_order)
        report_unknown_options(request.connection)
        live = read(request.connection)
        metadata, excluded = request.compared_metadata(live)
        script = whole if metadata is request.metadata else statements(metadata)
        used = used_by_models(request.connection, live, script, request.schema)
        return cls(live, metadata, excluded, script, used)

    @property
    def extensions(self) -> list[str]:
        """Extensions that a scratch database needs."""
        used = [unquoted(fact.name) for fact in self.used.of_kind("extension")]
        return [*used, *sorted(extension_names(self.metadata))]
