"""What Postgres does when rows change: triggers, rules, and what it publishes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from qlmodels.ddl.quoting import block, identifier, literal, qualified
from qlmodels.ddl.stage import Stage


@dataclass(frozen=True, slots=True)
class Trigger:
    """`timing` and `events` as in SQL: "before", "update"; `when` is an SQL condition.

    `arguments` are texts, as the function finds them in TG_ARGV. A `constraint` trigger can be
    `deferrable`, from the start of a transaction too; `transitions` are as in SQL, for example
    "old table as before new table as after".
    """

    stage: ClassVar = Stage.TRIGGERS
    name: str
    table: str
    timing: Literal["before", "after", "instead of"]
    events: str
    function: str
    schema: str = "public"
    for_each: Literal["row", "statement"] = "row"
    when: str | None = None
    arguments: tuple[str, ...] = ()
    constraint: bool = False
    deferrable: Literal["initially immediate", "initially deferred"] | None = None
    transitions: str | None = None

    def create(self) -> Iterator[str]:
        kind = "constraint trigger" if self.constraint else "trigger"
        lines = [
            f"create {kind} {identifier(self.name)}",
            f"    {self.timing} {self.events} on {qualified(self.schema, self.table)}",
        ]
        if self.deferrable is not None:
            lines.append(f"    deferrable {self.deferrable}")
        if self.transitions is not None:
            lines.append(f"    referencing {self.transitions}")
        lines.append(f"    for each {self.for_each}")
        if self.when is not None:
            lines.append(f"    when ({self.when})")
        arguments = ", ".join(map(literal, self.arguments))
        lines.append(f"    execute function {self.function}({arguments})")
        yield "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rewrite rule of a table or view; `do` is what is done, as in SQL: "instead nothing"."""

    stage: ClassVar = Stage.RULES
    name: str
    table: str
    event: Literal["select", "insert", "update", "delete"]
    do: str
    where: str | None = None
    schema: str = "public"

    def create(self) -> Iterator[str]:
        condition = f" where {self.where}" if self.where is not None else ""
        yield (
            f"create rule {identifier(self.name)} as on {self.event}"
            f" to {qualified(self.schema, self.table)}{condition} do {self.do}"
        )


@dataclass(frozen=True, slots=True)
class Publication:
    """`tables` are table clauses as in CREATE PUBLICATION, columns and row filter included.

    Only a superuser can publish `all_tables` or all of `schemas`: for another login that is
    compared, and reported where it differs, and an administrator makes it.
    """

    stage: ClassVar = Stage.PUBLICATIONS
    name: str
    tables: tuple[str, ...] = ()
    publish: str = "insert, update, delete, truncate"
    all_tables: bool = False
    schemas: tuple[str, ...] = ()

    def create(self) -> Iterator[str]:
        some = [f"table {', '.join(self.tables)}"] if self.tables else []
        if self.schemas:
            some.append(f"tables in schema {', '.join(map(identifier, self.schemas))}")
        every = ["all tables"] if self.all_tables else some
        if not self.beyond_owner:
            yield self._statement(every)
            return
        whole, part = self._statement(every), self._statement(some[:1] if self.tables else [])
        yield block(
            "begin\n"
            "    if pg_catalog.current_setting('is_superuser')::bool then\n"
            f"        execute {literal(whole)};\n"
            "    else\n"
            f"        execute {literal(part)};\n"
            "    end if;\n"
            "end"
        )

    @property
    def beyond_owner(self) -> dict[str, Any]:
        """What only a superuser can make, as the comparison calls it."""
        said = {
            "all tables": self.all_tables or None,
            "schemas": ", ".join(identifier(schema) for schema in sorted(self.schemas)) or None,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _statement(self, published: list[str]) -> str:
        objects = f" for {', '.join(published)}" if published else ""
        return (
            f"create publication {identifier(self.name)}{objects} "
            f"with (publish = {literal(self.publish)})"
        )
