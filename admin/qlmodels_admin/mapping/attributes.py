"""What a name of a model means: a column, an SQL expression, other rows, or Python of its class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, String, Table, func, inspect, select
from sqlalchemy.orm import Mapper, aliased
from sqlalchemy.sql.elements import ClauseElement

from qlmodels.errors import ConfigurationError

NAMING_ATTRIBUTES: Final = (
    "name",
    "title",
    "label",
    "display_name",
    "full_name",
    "username",
    "email",
    "slug",
    "code",
)
"""Attributes that name a row for people, the best one first."""


@dataclass(frozen=True, slots=True)
class ModelAttribute:
    """Without `sql` and without a `target` its value is what Python makes of a whole row."""

    name: str
    sql: ColumnElement[Any] | None = None
    """What a query selects under its name."""

    column: Column[Any] | None = None
    """Where it is stored, if it is."""

    target: "Mapper[Any] | None" = None
    """The model of the rows that a relationship leads to."""

    local: tuple[str, ...] = ()
    """The attributes that name the one row which a relationship leads to; empty for many."""

    remote: tuple[Column[Any], ...] = ()
    """The columns there, in the order of `local`."""

    @property
    def is_computed(self) -> bool:
        return self.sql is None and self.target is None


def attribute_of(model: type, name: str) -> ModelAttribute:
    """Return what `name` means; `a.b` is b of the row that a leads to. Raises ConfigurationError.

    >>> attribute_of(Book, "author").target
    <Mapper at ...; Author>
    """
    mapper: Mapper[Any] = inspect(model)
    if "." in name:
        return ModelAttribute(name, _of_path(mapper, name))
    if name in mapper.synonyms:
        return replace(attribute_of(model, mapper.synonyms[name].name), name=name)
    if name in mapper.relationships:
        return _of_relationship(mapper, name)
    if name in mapper.column_attrs:
        return ModelAttribute(name, getattr(model, name), stored_column(mapper, name))
    if not has_name(model, name):
        raise ConfigurationError(f"{model.__name__} has no attribute {name!r}.")
    return ModelAttribute(name, _expression(model, name))


def has_name(model: type, name: str) -> bool:
    """Return whether a class declares the name; a hybrid property may fail to be read of it."""
    return any(name in vars(part) for part in model.__mro__)


def stored_column(mapper: "Mapper[Any]", name: str) -> Column[Any] | None:
    """Return the column that an attribute is stored in; None for an expression."""
    column = mapper.columns.get(name)
    return column if isinstance(column, Column) and column.table in mapper.tables else None


def key_names(mapper: "Mapper[Any]") -> list[str]:
    """Return the attributes of the model's key."""
    return [mapper.get_property_by_column(column).key for column in mapper.primary_key]


def label_name(mapper: "Mapper[Any]") -> str | None:
    """Return the attribute that names a row for people, where there is one beside its key."""
    return _naming(
        {name: stored_column(mapper, name) for name in mapper.columns.keys()}  # noqa: SIM118
    )


def label_column(table: Table) -> Column[Any] | None:
    """Return the column that names a row for people, where a table has one."""
    columns = {column.name: column for column in table.columns}
    name = _naming(columns)
    return None if name is None else columns[name]


def _naming(columns: Mapping[str, Column[Any] | None]) -> str | None:
    texts = [
        name
        for name, column in columns.items()
        if column is not None
        and isinstance(column.type, String)
        and not hasattr(column.type, "enums")
    ]
    alike = [name for name in texts if name.endswith("_name")]
    return next((name for name in (*NAMING_ATTRIBUTES, *alike) if name in texts), None)


def single_table_condition(mapper: "Mapper[Any]") -> ColumnElement[bool] | None:
    """Return which rows of a table that several models share are of this one; None for all."""
    if not mapper.single or mapper.polymorphic_on is None:
        return None
    identities = [part.polymorphic_identity for part in mapper.self_and_descendants]
    condition: ColumnElement[bool] = mapper.polymorphic_on.in_(identities)
    return condition


def full_name(table: Table) -> str:
    """Return a table's name with its schema, unless that is public, as the audit log has it."""
    return table.name if table.schema in {None, "public"} else table.fullname


def tables_of(mapper: "Mapper[Any]") -> list[Table]:
    """Return the tables that a row of the model is in, that of the base class first."""
    parts = [part.local_table for part in mapper.iterate_to_root()]
    return [table for table in dict.fromkeys(reversed(parts)) if isinstance(table, Table)]


def _expression(model: type, name: str) -> ColumnElement[Any] | None:
    """Return the SQL of a hybrid property; None for one that only Python can evaluate."""
    try:
        value: Any = getattr(model, name)
        clause = value.__clause_element__() if hasattr(value, "__clause_element__") else value
    except Exception:  # code of the user's model, which may expect values where columns are
        return None
    return value if isinstance(clause, ClauseElement) else None


def _of_relationship(mapper: "Mapper[Any]", name: str) -> ModelAttribute:
    relationship = mapper.relationships[name]
    target: Mapper[Any] = relationship.mapper
    if relationship.uselist:
        return ModelAttribute(name, _count(mapper, name), target=target)
    label = label_name(target)
    sql = _of_path(mapper, f"{name}.{label}") if label is not None else None
    pairs = relationship.local_remote_pairs or []
    if relationship.direction.name != "MANYTOONE":
        if sql is None:
            sql = _of_path(mapper, f"{name}.{key_names(target)[0]}")
        return ModelAttribute(name, sql, target=target)
    return ModelAttribute(
        name,
        sql,
        target=target,
        local=tuple(mapper.get_property_by_column(column).key for column, _ in pairs),
        remote=tuple(column for _, column in pairs if isinstance(column, Column)),
    )


def _same_row(mapper: "Mapper[Any]", parent: Any) -> Sequence[ColumnElement[bool]]:
    return [getattr(parent, name) == getattr(mapper.class_, name) for name in key_names(mapper)]


def _count(mapper: "Mapper[Any]", name: str) -> ColumnElement[int]:
    """How many rows a relationship leads to."""
    parent, child = aliased(mapper.class_), aliased(mapper.relationships[name].mapper.class_)
    return (
        select(func.count())
        .select_from(parent)
        .join(getattr(parent, name).of_type(child))
        .where(*_same_row(mapper, parent))
        .scalar_subquery()
    )


def _of_path(mapper: "Mapper[Any]", path: str) -> ColumnElement[Any]:
    """Return the value at the end of a path of relationships. Raises ConfigurationError."""
    *names, last = path.split(".")
    parent: Any = aliased(mapper.class_)
    query, here, model = select(), parent, mapper
    query = query.select_from(parent)
    for name in names:
        if name not in model.relationships:
            raise ConfigurationError(f"{model.class_.__name__} has no relationship {name!r}.")
        model = model.relationships[name].mapper
        there: Any = aliased(model.class_)
        query = query.join(getattr(here, name).of_type(there))
        here = there
    if not has_name(model.class_, last):
        raise ConfigurationError(f"{model.class_.__name__} has no attribute {last!r}.")
    query = query.add_columns(getattr(here, last)).where(*_same_row(mapper, parent)).limit(1)
    return query.scalar_subquery()
