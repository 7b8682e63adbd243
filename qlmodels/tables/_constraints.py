"""Constraints, foreign keys and indexes that the seven tables have in common."""

from collections.abc import Sequence

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    text,
)


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
