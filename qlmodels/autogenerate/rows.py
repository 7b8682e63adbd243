"""Rows for a proof: one in every table, as its constraints allow, and what became of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from itertools import islice, product

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.ddl.objects import literal

ATTEMPTS = 300
LITERAL = re.compile(r"'((?:[^']|'')*)'::")
BY_TYPE = (
    ("timestamp", ("now()",)), ("date", ("now()",)), ("time", ("now()",)), ("interval", ("'1 s'",)),
    ("boolean", ("true", "false")), ("uuid", ("gen_random_uuid()",)), ("bytea", ("'\\x00'",)),
    ("json", ("'{}'", "'[]'", "'1'")), ("inet", ("'::1'",)), ("cidr", ("'::1'",)),
    ("int4range", ("'[1,2)'",)), ("tstzrange", ("'[2000-01-01,2000-01-02)'",)),
    ("daterange", ("'[2000-01-01,2000-01-02)'",)),
)  # fmt: skip
NUMBERS = ("1", "0", "0.5", "10", "100")
TEXTS = ("'a'", "'A'", "'1'", "'a@a.aa'", "''")

FORCED = text(
    "select format('%I.%I', relnamespace::regnamespace::text, relname) from pg_catalog.pg_class"
    " where relforcerowsecurity and relkind = 'r'"
)


def sow(connection: Connection, facts: Facts, required: Set[Key] = frozenset()) -> list[str]:
    """Put a row into every table; gives the tables for which none could be made.

    Rows have values in columns that are NOT NULL or `required`.
    """
    empty = []
    with seeing_all(connection):
        for table in _parents_first(facts):
            inserts = _inserts(table, facts, required)
            if not any(_try(connection, sql) for sql in islice(inserts, ATTEMPTS)):
                empty.append(table.name)
        connection.execute(text("set constraints all immediate"))
    return empty


def contents(
    connection: Connection, columns: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, str]]:
    """By table: how many rows it holds, and what each of the given columns holds, told short."""
    found = {}
    with seeing_all(connection):
        for table, names in columns.items():
            told = [f"md5(string_agg({c}::text, ' ' order by {c}::text)) as {c}" for c in names]
            sql = f"select {', '.join(['count(*)::text as rows', *told])} from {table}"  # noqa: S608
            row = connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).one()
            found[table] = dict(zip(["", *names], row, strict=True))
    return found


@contextmanager
def seeing_all(connection: Connection) -> Iterator[None]:
    """Row security is not forced on the owner meanwhile."""
    forced = list(connection.execute(FORCED).scalars())
    for table in forced:
        connection.execute(text(f"alter table {table} no force row level security"))
    yield
    for table in forced:
        connection.execute(text(f"alter table {table} force row level security"))


def _parents_first(facts: Facts) -> list[Fact]:
    ordered: dict[Key, Fact] = {}

    def visit(table: Fact, path: tuple[Key, ...]) -> None:
        for foreign in _foreign_keys(table, facts):
            parent = _parent(foreign, facts)
            if parent is not None and parent.key not in (*path, table.key):
                visit(parent, (*path, table.key))
        ordered.setdefault(table.key, table)

    for table in facts.of_kind("table"):
        visit(table, ())
    return list(ordered.values())


def _foreign_keys(table: Fact, facts: Facts) -> list[Fact]:
    return [c for c in facts.children(table.key, "constraint") if c["type"] == "foreign key"]


def _parent(foreign: Fact, facts: Facts) -> Fact | None:
    for need in foreign.needs:
        owner = facts[need].of
        if need.kind in {"constraint", "index"} and owner in facts and owner != foreign.of:
            return facts[owner] if owner is not None else None
    return None


def _inserts(table: Fact, facts: Facts, required: Set[Key]) -> Iterator[str]:
    """INSERT statements to try, the likeliest first."""
    columns = {
        c.name.removeprefix(f"{table.name}."): c for c in facts.children(table.key, "column")
    }
    referring = _references(table, facts)
    literals = [
        literal(found.replace("''", "'"))
        for check in facts.children(table.key, "constraint")
        if check["type"] == "check"
        for found in LITERAL.findall(check["definition"])
    ]
    candidates: dict[str, tuple[str, ...]] = {}
    for name, column in columns.items():
        if column["generated"] or column["identity"]:
            continue
        if name in referring:
            candidates[name] = (referring[name],)
        elif (column["not null"] or column.key in required) and Key(
            "default", column.name
        ) not in facts:
            candidates[name] = _values(column["type"], literals)
    names = ", ".join(candidates)
    for values in product(*candidates.values()):
        listed = f"({names}) values ({', '.join(values)})" if values else "default values"
        yield f"insert into {table.name} {listed}"


def _references(table: Fact, facts: Facts) -> dict[str, str]:
    """What a column that refers takes: the value in some row of the other table."""
    found: dict[str, str] = {}
    for foreign in _foreign_keys(table, facts):
        parent = _parent(foreign, facts)
        here, _, there = foreign["definition"].partition(" REFERENCES ")
        if parent is None:
            continue
        own = [name.strip() for name in here.partition("(")[2].rstrip(")").split(",")]
        other = [name.strip() for name in there.partition("(")[2].partition(")")[0].split(",")]
        for name, referred in zip(own, other, strict=True):
            found[name] = f"(select {referred} from {parent.name} limit 1)"  # noqa: S608
    return found


def _values(type_: str, literals: list[str]) -> tuple[str, ...]:
    if type_.endswith("[]"):
        return ("'{}'",)
    for start, values in BY_TYPE:
        if type_.startswith(start):
            return values
    if type_.startswith(("character", "text", "varchar")):
        return (*TEXTS, *dict.fromkeys(literals))
    if type_.startswith(("int", "bigint", "smallint", "numeric", "double", "real")):
        return NUMBERS
    return (*dict.fromkeys(literals), *TEXTS)


def _try(connection: Connection, sql: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    except DBAPIError:
        return False
    return True
