"""The seven tables in partitions by agent type: the same schema, for a database made anew."""

from collections.abc import Iterator

from sqlalchemy import MetaData, Table

from qlmodels.ddl import metadata
from qlmodels.ddl.build import statements
from qlmodels.ddl.quoting import grantees, qualified
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.ddl")

UNTRUSTED_ROLES = ("public", "anon", "authenticated", "service_role")
"""To whom a platform may give rights on every new table."""


def partitioned(partitions: int) -> list[str]:
    """Every statement that makes an empty database ours, the fleet's agent types included.

    Rows lie by a hash of their agent type. Policies and grants are those of the seven tables; a
    partition has neither, and forced row security: whoever is no superuser reads and writes it
    through its table alone.
    """
    split = MetaData()
    split.info.update(metadata.info)
    for table in metadata.sorted_tables:
        table.to_metadata(split)
    ours = [table for table in split.sorted_tables if table.schema is None]
    leaves = [line for table in ours for line in _leaves(table, partitions)]
    for table in ours:
        table.dialect_options["postgresql"].update(partition_by="hash (agent_type)")
        table.dialect_options["postgresql"].update({"with": {}})
    return [*statements(split), *leaves, _sql("seed_agent_types")]


def _leaves(table: Table, partitions: int) -> Iterator[str]:
    whole = qualified("public", table.name)
    options = dict(table.dialect_options["postgresql"]["with"] or {})
    stored = ", ".join(f"{name} = {value}" for name, value in options.items())
    for remainder in range(partitions):
        leaf = qualified("public", f"{table.name}_{remainder}")
        yield (
            f"create table {leaf} partition of {whole}\n"
            f"   for values with (modulus {partitions}, remainder {remainder})"
            + (f"\n  with ({stored})" if stored else "")
        )
        yield f"alter table {leaf} enable row level security"
        yield f"alter table {leaf} force row level security"
        yield f"revoke all on {leaf} from {grantees(UNTRUSTED_ROLES)}"
