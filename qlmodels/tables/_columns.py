"""Columns that the seven tables have in common."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    String,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Field


def string(
    length: int | None = None,
    *,
    primary_key: bool = False,
    nullable: bool = False,
    default: str | None = None,
    collation: str | None = None,
) -> Column[Any]:
    kind = Text() if length is None else String(length, collation=collation)
    server_default = None if default is None else text(f"'{default}'")
    return Column(kind, primary_key=primary_key, nullable=nullable, server_default=server_default)


def agent_type() -> Column[Any]:
    return string(50, primary_key=True)


def hashed() -> Column[Any]:
    """Byte order: one btree serves equality and prefix search."""
    return string(64, collation="C")


class DoubleDomain(Double[float]):
    """A domain over double precision; to Python, to binds and to forms an ordinary one."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.domain = domain


class IntegerDomain(Integer):
    """A domain over integer."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.domain = domain


@compiles(DoubleDomain)
@compiles(IntegerDomain)
def _name_of_domain(kind: DoubleDomain | IntegerDomain, *_: Any, **__: Any) -> str:
    return f"qlmodels.{kind.domain}"


def integer(
    default: int | None = None, *, nullable: bool = False, domain: str | None = None
) -> Column[Any]:
    kind = Integer() if domain is None else IntegerDomain(domain)
    return Column(kind, nullable=nullable, server_default=_number(default))


def double(
    default: float | None = None, *, nullable: bool = False, domain: str | None = None
) -> Column[Any]:
    kind = Double() if domain is None else DoubleDomain(domain)
    return Column(kind, nullable=nullable, server_default=_number(default))


def random_key() -> Column[Any]:
    return Column(Double, nullable=False, server_default=text("random()"))


def flag(default: bool | None = None) -> Column[Any]:
    server_default = None if default is None else text(str(default).lower())
    return Column(Boolean, nullable=False, server_default=server_default)


def moment(default: str | None = None, *, nullable: bool = False) -> Column[Any]:
    server_default = None if default is None else text(default)
    return Column(DateTime(timezone=True), nullable=nullable, server_default=server_default)


def now() -> Column[Any]:
    return moment("now()")


def uuid_key() -> Column[Any]:
    return Column(Uuid, primary_key=True, server_default=text("gen_random_uuid()"))


def uuid_reference() -> Column[Any]:
    return Column(Uuid, nullable=True)


def document(*, nullable: bool = False) -> Column[Any]:
    return Column(JSONB(none_as_null=True), nullable=nullable)


def texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"))


def extra() -> Any:
    """The field `extra`, whose column and alias are `metadata`: a name that SQLAlchemy keeps.

    An explicit None is stored as NULL, though the column has a default.
    """
    kind = JSONB(none_as_null=True).evaluates_none()
    return Field(
        default_factory=dict,
        validation_alias="metadata",
        serialization_alias="metadata",
        sa_column=Column("metadata", kind, nullable=True, server_default=text("'{}'::jsonb")),
        description="Anything else",
    )


def _number(default: float | None) -> Any:
    return None if default is None else text(str(default))
