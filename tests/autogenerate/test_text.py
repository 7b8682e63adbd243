"""A rendered statement is, when it runs, the very SQL that was planned."""

from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from qlmodels.autogenerate.operations import escape, literal_of

STATEMENTS = (
    "select 1",
    "select '{\"a\":1}'::jsonb, x[1:2], '12:30', ':name', E'\\\\:x'",
    "select '\\:$:', '\\:a', '\\::'",
    "create function f() returns text language sql as $$\n    select 'a'  \n\n\tselect :b\n$$",
    'comment on table t is \'"""\'',
    "comment on table t is 'it''s \\ here'",
    "comment on table t is E'a\\nb'",
    "select 'trailing'   \nfrom t",
    "  select 'first line is indented'\nfrom t",
    "select 'a\u2028b', 'c\x0bd'",
)


def as_run(sql: str) -> str:
    """What reaches the server from a revision that Alembic wrote."""
    body = indent(f"found = ({literal_of(escape(sql))})", "    ")
    stripped = "\n".join(line.rstrip(" ") for line in body.split("\n"))
    names: dict[str, object] = {"dedent": dedent}
    exec(f"if True:\n{stripped}", names)  # noqa: S102
    dialect = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    return str(text(str(names["found"])).compile(dialect=dialect))


@pytest.mark.parametrize("sql", STATEMENTS)
def test_what_is_written_is_what_runs(sql: str) -> None:
    assert as_run(sql).strip("\n") == sql.strip("\n")


@given(st.text(alphabet=" \t\n\\':\"ab$1{}%", min_size=1))
def test_whatever_is_written_is_what_runs(sql: str) -> None:
    sql = f"select {sql};"
    assert as_run(sql).strip("\n") == sql
