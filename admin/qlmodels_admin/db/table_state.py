"""What a table of another project needs, so that the panel can show and change its rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, Table
from sqlalchemy.ext.asyncio import AsyncConnection

from qlmodels.ddl.access import PANEL_ROLE
from qlmodels.ddl.dialect import DIALECT
from qlmodels_admin.db.queries import statements_of

query = statements_of(__package__)

WRITES: Final = ("insert", "update", "delete")
WRITE_OF: Final[Mapping[str, str]] = {
    "create": "insert",
    "import": "insert",
    "edit": "update",
    "delete": "delete",
}
"""What an action of a view writes."""


@dataclass(frozen=True, slots=True)
class Need:
    """What is missing, in a sentence, and the SQL that the table's owner runs; empty for none."""

    says: str
    sql: str = ""


@dataclass(frozen=True, slots=True)
class TableState:
    """What the database says of a table to the panel's login."""

    name: str
    schema: str
    row: RowMapping

    @property
    def is_audited(self) -> bool:
        """Whether changes are recorded, so that they can be undone."""
        return bool(self.row["is_audited"])

    @property
    def is_readable(self) -> bool:
        row = self.row
        return bool(
            row["is_there"]
            and row["has_schema"]
            and row["may_select"]
            and not row["missing_columns"]
        )

    def permits(self, write: str) -> bool:
        """Return whether rows can be written; `write` is insert, update or delete."""
        return bool(self.row[f"may_{write}"] and self.row[f"takes_{write}"])

    def allows(self, action: str | None) -> bool:
        """Return whether a page of the table can be shown that does `action`."""
        write = WRITE_OF.get(action or "")
        return self.is_readable and (write is None or self.permits(write))

    def needs(self, writes: Sequence[str] = WRITES) -> Iterator[Need]:
        """Yield what is missing to read the table, and for the `writes` that are wanted."""
        row = self.row
        if not row["is_there"]:
            rights = ", ".join(["select", *writes])
            yield Need(
                f"There is no table {self.name} in this database. Create it by your migrations, "
                "then grant it to the panel.",
                f"grant {rights} on {self.name} to {PANEL_ROLE};",
            )
            return
        wanted = ["select", *(write for write in writes if row[f"takes_{write}"])]
        if not row["has_schema"]:
            yield Need(
                f"The panel's login may not use schema {self.schema}.",
                f"grant usage on schema {self.schema} to {PANEL_ROLE};",
            )
        lacking = [right for right in wanted if not row[f"may_{right}"]]
        if lacking:
            words = ", ".join(lacking)
            yield Need(
                f"The panel's login may not {' or '.join(lacking)} rows of {self.name}.",
                f"grant {words} on {self.name} to {PANEL_ROLE};",
            )
        if row["sequences"] and "insert" in wanted:
            names = ", ".join(row["sequences"])
            yield Need(
                "The panel's login may not number new rows.",
                f"grant usage on sequence {names} to {PANEL_ROLE};",
            )
        if row["is_hidden"]:
            yield Need(
                f"Row security of {self.name} hides all rows from the panel's login.",
                f"create policy {PANEL_ROLE}_access on {self.name} to {PANEL_ROLE} "
                "using (true) with check (true);",
            )
        if row["missing_columns"]:
            yield Need(
                f"{self.name} has no column {row['missing_columns']}. Bring the database and the "
                "model together by your migrations."
            )
        if any(not row[f"takes_{write}"] for write in writes):
            kind = "a view that takes no changes" if row["is_view"] else "not writable"
            yield Need(f"{self.name} is {kind}, so its rows are shown alone.")


async def table_state(connection: AsyncConnection, table: Table) -> TableState:
    """Return what the database says of a table."""
    quote = DIALECT.identifier_preparer.quote
    schema = table.schema or "public"
    values = {
        "schema": schema,
        "name": table.name,
        "columns": [column.name for column in table.columns],
    }
    row = (await connection.execute(query("table_state"), values)).mappings().one()
    return TableState(f"{quote(schema)}.{quote(table.name)}", quote(schema), row)
