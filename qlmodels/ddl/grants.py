"""Privileges that are granted, revoked, or given by default."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from qlmodels.ddl.quoting import PUBLIC, grantees, identifier, on_database, qualified
from qlmodels.ddl.stage import Stage


@dataclass(frozen=True, slots=True)
class Grant:
    """Privileges on a table, some of its columns, a sequence, schema or this database."""

    privileges: tuple[str, ...]
    on: str
    to: tuple[str, ...]
    kind: Literal["table", "sequence", "schema", "database"] = "table"
    columns: tuple[str, ...] = ()
    schema: str = "public"

    @property
    def stage(self) -> Stage:
        """The owner of a function must be able to create in its schema before it is there."""
        return Stage.SCHEMA_PRIVILEGES if self.kind == "schema" else Stage.GRANTED

    def create(self) -> Iterator[str]:
        yield _on_target(self, f"grant {_privileges(self)} on", f"to {grantees(self.to)}")


@dataclass(frozen=True, slots=True)
class Revoke:
    """Privileges that Postgres gives by default and we take away, mostly from PUBLIC."""

    stage: ClassVar = Stage.REVOKED
    privileges: tuple[str, ...]
    on: str
    from_: tuple[str, ...] = (PUBLIC,)
    kind: Literal["table", "sequence", "schema", "database"] = "table"
    columns: tuple[str, ...] = ()
    schema: str = "public"

    def create(self) -> Iterator[str]:
        yield _on_target(self, f"revoke {_privileges(self)} on", f"from {grantees(self.from_)}")


def _privileges(grant: Grant | Revoke) -> str:
    columns = f" ({', '.join(map(identifier, grant.columns))})" if grant.columns else ""
    return ", ".join(f"{privilege}{columns}" for privilege in grant.privileges)


def _on_target(grant: Grant | Revoke, head: str, tail: str) -> str:
    match grant.kind:
        case "database":
            return on_database(head, tail)
        case "schema":
            return f"{head} schema {identifier(grant.on)} {tail}"
        case kind:
            return f"{head} {kind} {qualified(grant.schema, grant.on)} {tail}"


@dataclass(frozen=True, slots=True)
class DefaultPrivileges:
    """What objects that the migrating login creates later will grant.

    `statement` is the part after ALTER DEFAULT PRIVILEGES, for example
    "revoke execute on functions from public".
    """

    stage: ClassVar = Stage.DEFAULT_PRIVILEGES
    statement: str
    schema: str | None = None

    def create(self) -> Iterator[str]:
        where = f" in schema {identifier(self.schema)}" if self.schema is not None else ""
        yield f"alter default privileges{where} {self.statement}"
