"""How SQLAlchemy spells DDL that Postgres is to read as it is, without a driver in between.

Drivers whose parameters are written with a per cent sign have every other one doubled; here none
is. DDL takes no parameters, so that `:name` in an SQL text is no parameter that lacks a value.
"""

from typing import Any

from sqlalchemy import DDL, BindParameter, Constraint
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDDLCompiler, PGDialect
from sqlalchemy.sql.elements import ClauseElement


class _Compiler(PGCompiler):
    def visit_bindparam(self, bindparam: BindParameter[Any], *given: Any, **named: Any) -> Any:
        if bindparam.required:
            return f":{bindparam.key}"
        return super().visit_bindparam(bindparam, *given, **named)  # type: ignore[no-untyped-call]


class _DDLCompiler(PGDDLCompiler):
    """CREATE TABLE takes a check that is NOT VALID as valid: only ADD CONSTRAINT says it."""

    adding = False

    def visit_add_constraint(self, create: Any, **named: Any) -> Any:
        self.adding = True
        return super().visit_add_constraint(create, **named)  # type: ignore[no-untyped-call]

    def visit_table_or_column_check_constraint(self, constraint: Any, **named: Any) -> Any:
        if is_unvalidated(constraint) and not (constraint.is_column_level or self.adding):
            return None
        return super().visit_table_or_column_check_constraint(  # type: ignore[no-untyped-call]
            constraint, **named
        )


class _Dialect(PGDialect):
    statement_compiler = _Compiler
    ddl_compiler = _DDLCompiler
    supports_statement_cache = False
    _supports_create_index_concurrently = False
    """Nothing is CONCURRENTLY in a scratch database."""


def is_unvalidated(constraint: Constraint) -> bool:
    """Return whether the model says NOT VALID."""
    return bool(constraint.dialect_kwargs.get("postgresql_not_valid"))


DIALECT = _Dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
DDL_COMPILER = _DDLCompiler(DIALECT, DDL(""))  # type: ignore[no-untyped-call]


def compiled(element: ClauseElement) -> str:
    """Return `element` as SQL text, its values written into it."""
    return str(element.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})).strip()
