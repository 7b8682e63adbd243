"""How tables are stored and looked through: partitions and extended statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from qlmodels.ddl.quoting import qualified
from qlmodels.ddl.stage import Stage


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition of the table `of`; `bound` is as in SQL: "for values in (1, 2)", "default".

    The table is declared by `postgresql_partition_by`. Its indexes and keys are those of its
    partitions; what a partition has besides is declared of it as of a table.
    """

    stage: ClassVar = Stage.PARTITIONS
    name: str
    of: str
    bound: str
    partition_by: str | None = None
    storage: tuple[str, ...] = ()
    schema: str = "public"
    of_schema: str | None = None

    def create(self) -> Iterator[str]:
        whole = qualified(self.of_schema or self.schema, self.of)
        by = f"\n    partition by {self.partition_by}" if self.partition_by is not None else ""
        stored = f"\n    with ({', '.join(self.storage)})" if self.storage else ""
        yield (
            f"create table {qualified(self.schema, self.name)} partition of {whole}\n"
            f"    {self.bound}{by}{stored}"
        )


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics on `expressions` (columns or SQL) together: all `kinds` unless some are named."""

    stage: ClassVar = Stage.STATISTICS
    name: str
    table: str
    expressions: tuple[str, ...]
    kinds: tuple[Literal["ndistinct", "dependencies", "mcv"], ...] = ()
    schema: str = "public"

    def create(self) -> Iterator[str]:
        kinds = f" ({', '.join(self.kinds)})" if self.kinds else ""
        yield (
            f"create statistics {qualified(self.schema, self.name)}{kinds}"
            f" on {', '.join(self.expressions)} from {qualified(self.schema, self.table)}"
        )
