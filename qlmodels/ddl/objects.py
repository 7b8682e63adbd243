"""What a table cannot say by itself, declared as frozen values beside the models.

Each value renders the SQL that creates it in a scratch database, from which `autogenerate/sql`
prints it back for comparison and for revisions; so nothing here knows how to alter or drop.
Identifiers are given bare and quoted here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, runtime_checkable

from sqlalchemy import MetaData

from qlmodels.ddl.quoting import (
    CURRENT_USER,
    block,
    grantee,
    grantees,
    identifier,
    literal,
    qualified,
)
from qlmodels.ddl.stage import Stage


@runtime_checkable
class DDLObject(Protocol):
    """Anything that can be declared: it knows the SQL that creates it.

    A class of your own says by `stage` when it is made, unless that is with the types.
    """

    def create(self) -> Iterator[str]: ...


@runtime_checkable
class DeferredObjects(Protocol):
    """What is declared of a table by its name, which its MetaData may get later."""

    def objects(self, metadata: MetaData) -> Iterator[DDLObject]: ...


def stage_of(thing: DDLObject) -> Stage:
    """When `thing` is made."""
    stage: Stage = getattr(thing, "stage", Stage.TYPES)
    return stage


@dataclass(frozen=True, slots=True)
class Role:
    """A group role: NOLOGIN, created where absent and never dropped, for the cluster owns it."""

    stage: ClassVar = Stage.ROLES
    name: str
    inherit: bool = True

    def create(self) -> Iterator[str]:
        inherit = "inherit" if self.inherit else "noinherit"
        yield block(
            "begin\n"
            f"    if not exists (select from pg_catalog.pg_roles where rolname = "
            f"{literal(self.name)}) then\n"
            f"        create role {identifier(self.name)} nologin {inherit};\n"
            "    end if;\n"
            "end"
        )


@dataclass(frozen=True, slots=True)
class Membership:
    """`member` may act as `role`; CURRENT_USER is the migrating login."""

    stage: ClassVar = Stage.MEMBERSHIPS
    role: str
    member: str = CURRENT_USER

    def create(self) -> Iterator[str]:
        member = "current_user" if self.member == CURRENT_USER else literal(self.member)
        yield block(
            "begin\n"
            f"    if not pg_catalog.pg_has_role({member}, {literal(self.role)}, 'usage') then\n"
            f"        grant {identifier(self.role)} to {grantee(self.member)};\n"
            "    end if;\n"
            "end"
        )


@dataclass(frozen=True, slots=True)
class Schema:
    stage: ClassVar = Stage.SCHEMAS
    name: str
    comment: str | None = None

    def create(self) -> Iterator[str]:
        yield f"create schema if not exists {identifier(self.name)}"
        if self.comment is not None:
            yield f"comment on schema {identifier(self.name)} is {literal(self.comment)}"


@dataclass(frozen=True, slots=True)
class Extension:
    """Created in `schema` where absent; one that lies elsewhere already is accepted there."""

    stage: ClassVar = Stage.EXTENSIONS
    name: str
    schema: str = "public"

    def create(self) -> Iterator[str]:
        name, schema = identifier(self.name), identifier(self.schema)
        yield f"create extension if not exists {name} with schema {schema}"


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialised view by its whole CREATE statement.

    `indexes` are those of a materialised view, each by its whole CREATE INDEX statement.
    """

    stage: ClassVar = Stage.VIEWS
    name: str
    sql: str = field(repr=False)
    schema: str = "public"
    materialized: bool = False
    comment: str | None = None
    indexes: tuple[str, ...] = ()

    def create(self) -> Iterator[str]:
        yield self.sql.strip().removesuffix(";")
        yield from self.indexes
        if self.comment is not None:
            kind = "materialized view" if self.materialized else "view"
            name = qualified(self.schema, self.name)
            yield f"comment on {kind} {name} is {literal(self.comment)}"


@dataclass(frozen=True, slots=True)
class RowSecurity:
    """Row-level security of a table: enabled, and forced on its owner too unless `force=False`."""

    stage: ClassVar = Stage.ROW_SECURITY
    table: str
    schema: str = "public"
    force: bool = True

    def create(self) -> Iterator[str]:
        name = qualified(self.schema, self.table)
        yield f"alter table {name} enable row level security"
        if self.force:
            yield f"alter table {name} force row level security"


@dataclass(frozen=True, slots=True)
class Policy:
    """A row-level security policy; `using` and `with_check` are SQL expressions."""

    stage: ClassVar = Stage.POLICIES
    name: str
    table: str
    to: tuple[str, ...]
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    using: str | None = None
    with_check: str | None = None
    permissive: bool = True
    schema: str = "public"

    def create(self) -> Iterator[str]:
        lines = [
            f"create policy {identifier(self.name)} on {qualified(self.schema, self.table)}",
            f"    as {'permissive' if self.permissive else 'restrictive'} for {self.command}",
            f"    to {grantees(self.to)}",
        ]
        if self.using is not None:
            lines.append(f"    using ({self.using})")
        if self.with_check is not None:
            lines.append(f"    with check ({self.with_check})")
        yield "\n".join(lines)


_KEY = "qlmodels"


def declare(metadata: MetaData, *objects: DDLObject | DeferredObjects) -> None:
    """Attach `objects` to `metadata`, so that autogenerate sees them beside its tables.

    >>> declare(SQLModel.metadata, RowSecurity("tools"), Policy("own", "tools", to=("me",)))
    """
    for thing in objects:
        if not isinstance(thing, DDLObject | DeferredObjects) or isinstance(thing, type):
            raise TypeError(
                f"{thing!r} cannot be declared. Declare an object of qlmodels.ddl, or one whose"
                " create() gives the SQL statements that make it."
            )
    metadata.info.setdefault(_KEY, []).extend(objects)


def declared(metadata: MetaData) -> tuple[DDLObject, ...]:
    """All that was declared on `metadata`, in the order of declaration."""
    found: list[DDLObject] = []
    for thing in metadata.info.get(_KEY, ()):
        found += thing.objects(metadata) if isinstance(thing, DeferredObjects) else (thing,)
    return tuple(found)
