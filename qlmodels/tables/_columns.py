"""What the seven tables have in common: how a value is checked, and how it is stored."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, cast

from pydantic import AfterValidator, AwareDatetime, JsonValue, TypeAdapter, ValidationError
from pydantic import Field as Constraint
from pydantic_core import InitErrorDetails, PydanticCustomError
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig, finish_init, is_table_model_class

__all__ = ["AwareDatetime", "JsonValue"]


# -- values ------------------------------------------------------------------------------------


def _storable_text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("text holds a NUL character, which Postgres cannot store: remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("text holds half of a surrogate pair, which is not Unicode") from error
    return value


def _storable_json(value: JsonValue) -> JsonValue:
    match value:
        case str():
            _storable_text(value)
        case float() if not math.isfinite(value):
            raise ValueError(f"JSON has no {value}: use null or a number")
        case list():
            for item in value:
                _storable_json(item)
        case dict():
            for key, item in value.items():
                _storable_text(key)
                _storable_json(item)
        case _:
            pass
    return value


def _not_null(value: JsonValue) -> JsonValue:
    if value is None:
        raise ValueError("a document is needed here: null says nothing")
    return value


PlainText = Annotated[str, AfterValidator(_storable_text)]
Name50 = Annotated[str, Constraint(min_length=1, max_length=50), AfterValidator(_storable_text)]
Name100 = Annotated[str, Constraint(min_length=1, max_length=100), AfterValidator(_storable_text)]
Name200 = Annotated[str, Constraint(min_length=1, max_length=200), AfterValidator(_storable_text)]
AgentTypeName = Annotated[str, Constraint(pattern=r"\A[a-z][a-z0-9-]{0,49}\z")]
Hash = Annotated[str, Constraint(min_length=1, max_length=64), AfterValidator(_storable_text)]
Json = Annotated[JsonValue, AfterValidator(_storable_json)]
Document = Annotated[JsonValue, AfterValidator(_storable_json), AfterValidator(_not_null)]
Documents = Annotated[list[JsonValue], AfterValidator(_storable_json)]
Finite = Annotated[float, Constraint(allow_inf_nan=False)]
Rate = Annotated[float, Constraint(ge=0, le=1)]
PositiveFinite = Annotated[float, Constraint(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Constraint(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Constraint(ge=0, le=2**31 - 1)]
PositiveCount = Annotated[int, Constraint(ge=1, le=2**31 - 1)]
BigCount = Annotated[int, Constraint(ge=0, le=2**63 - 1)]
BigInt = Annotated[int, Constraint(ge=-(2**63), le=2**63 - 1)]


# -- columns -----------------------------------------------------------------------------------


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


def extra() -> Column[Any]:
    """An explicit None is stored as NULL, though the column has a default."""
    kind = JSONB(none_as_null=True).evaluates_none()
    return Column("metadata", kind, nullable=True, server_default=text("'{}'::jsonb"))


def _number(default: float | None) -> Any:
    return None if default is None else text(str(default))


# -- constraints and indexes -------------------------------------------------------------------


def check(table: str, name: str, condition: str) -> CheckConstraint:
    return CheckConstraint(condition, name=f"ck_{table}_{name}")


def at_least(table: str, bound: int, *columns: str) -> list[CheckConstraint]:
    return [check(table, column, f"{column} >= {bound}") for column in columns]


def rates(table: str, *columns: str) -> list[CheckConstraint]:
    """Between 0 and 1; NaN sorts above every number and is refused too."""
    return [check(table, column, f"{column} >= 0 and {column} <= 1") for column in columns]


def finite(table: str, *columns: str) -> list[CheckConstraint]:
    return [
        check(table, column, f"{column} > '-Infinity' and {column} < 'Infinity'")
        for column in columns
    ]


def one_of(table: str, column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return check(table, column, f"{column} in ({listed})")


def agent_type_key(table: str) -> ForeignKeyConstraint:
    """Agent types are deactivated, not deleted."""
    return ForeignKeyConstraint(
        ["agent_type"],
        ["agent_types.agent_type"],
        name=f"fk_{table}_agent_type",
        ondelete="RESTRICT",
    )


def owned_key(
    table: str, column: str, target: str, target_column: str, ondelete: str
) -> ForeignKeyConstraint:
    """A reference within one agent type: it cannot point into another's data."""
    return ForeignKeyConstraint(
        ["agent_type", column],
        [f"{target}.agent_type", f"{target}.{target_column}"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
    )


def index(table: str, *columns: str, include: Sequence[str] = ()) -> Index:
    """`include` names columns that the index holds too, so that reading them needs no table."""
    return Index(
        f"ix_{table}_{'_'.join(columns)}",
        "agent_type",
        *map(text, columns),
        postgresql_include=list(include),
    )


def containment_index(table: str, column: str) -> Index:
    """Serves `@>`, for one agent type or all; no pending list that would slow the search."""
    return Index(
        f"ix_{table}_{column}",
        "agent_type",
        column,
        postgresql_using="gin",
        postgresql_ops={column: "jsonb_path_ops"},
        postgresql_with={"fastupdate": "off"},
    )


# -- rows --------------------------------------------------------------------------------------


class Row(SQLModel):
    """A row that is checked when it is made and when it is changed, not when it is loaded.

    Raises `pydantic.ValidationError` (a `ValueError`) that names the field and what it takes;
    a refused assignment leaves the row as it was.
    """

    model_config = SQLModelConfig(extra="forbid")

    def __init__(self, **data: Any) -> None:
        if not is_table_model_class(type(self)) or not finish_init.get():
            super().__init__(**data)
            return
        bare = self.__dict__.copy()
        self.__pydantic_validator__.validate_python(data, self_instance=self)
        values = self.__dict__
        object.__setattr__(self, "__dict__", bare)
        for name, value in values.items():
            set_attribute(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if is_table_model_class(type(self)) and name in type(self).model_fields:
            value = self._checked(name, value)
        super().__setattr__(name, value)

    @classmethod
    def _checked(cls, name: str, value: Any) -> Any:
        try:
            return _field_validator(cast(Any, cls), name).validate_python(value)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                cls.__name__,
                [
                    InitErrorDetails(
                        type=PydanticCustomError(
                            cast(Any, detail["type"]),
                            "{message}",
                            {"message": detail["msg"]},
                        ),
                        loc=(name, *detail["loc"]),
                        input=detail["input"],
                    )
                    for detail in error.errors()
                ],
            ) from None


@cache
def _field_validator(row: Any, name: str) -> TypeAdapter[Any]:
    field = row.model_fields[name]
    kind: Any = Annotated[field.annotation, *field.metadata]
    return TypeAdapter(kind)


@event.listens_for(Row, "after_mapper_constructed", propagate=True)
def _describe_columns(mapper: Mapper[Any], row: type[Row]) -> None:
    """Field descriptions become column comments, the first docstring line the table's."""
    table = cast(Table, mapper.local_table)
    table.comment = (row.__doc__ or "").strip().partition("\n")[0]
    for name, field in row.model_fields.items():
        mapper.columns[name].comment = field.description
