"""How SQLAlchemy spells DDL that Postgres is to read as it is, without a driver in between.

Drivers whose parameters are written with a per cent sign have every other one doubled; here none
is. DDL takes no parameters, so that `:name` in an SQL text is no parameter that lacks a value.
"""

from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect
from sqlalchemy.sql.elements import ClauseElement


class _Compiler(PGCompiler):
    def visit_bindparam(self, bindparam: BindParameter[Any], *given: Any, **named: Any) -> Any:
        if bindparam.required:
            return f":{bindparam.key}"
        return super().visit_bindparam(bindparam, *given, **named)  # type: ignore[no-untyped-call]


class _Dialect(PGDialect):
    statement_compiler = _Compiler
    supports_statement_cache = False


DIALECT = _Dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


def compiled(element: ClauseElement) -> str:
    """Return `element` as SQL text, its values written into it."""
    return str(element.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True})).strip()
