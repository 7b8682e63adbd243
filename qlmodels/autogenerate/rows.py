"""Rows for a proof: one in every table, as its constraints allow, and what became of them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from itertools import islice, product

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.reader import VERBATIM
from qlmodels.ddl.quoting import block, literal

MAX_ATTEMPTS = 300
LITERAL = re.compile(r"'((?:[^']|'')*)'::")
BY_TYPE = (
    ("timestamp", ("now()",)),
    ("date", ("now()",)),
    ("time", ("now()",)),
    ("interval", ("'1 s'",)),
    ("boolean", ("true", "false")),
    ("uuid", ("gen_random_uuid()",)),
    ("bytea", ("'\\x00'",)),
    ("json", ("'{}'", "'[]'", "'1'")),
    ("inet", ("'::1'",)),
    ("cidr", ("'::1'",)),
    ("int4range", ("'[1,2)'",)),
    ("tstzrange", ("'[2000-01-01,2000-01-02)'",)),
    ("daterange", ("'[2000-01-01,2000-01-02)'",)),
)
SAMPLE_NUMBERS = ("1", "0", "0.5", "10", "100")
SAMPLE_TEXTS = ("'a'", "'A'", "'1'", "'a@a.aa'", "''")

FIRST_THAT_FITS = """\
declare
    attempt text;
begin
    foreach attempt in array array[{attempts}] loop
        begin
            execute attempt;
            return;
        exception when others then
            null;
        end;
    end loop;
    raise exception 'none of these rows fits';
end"""

FORCED = text(
    "select format('%I.%I', relnamespace::regnamespace::text, relname) from pg_catalog.pg_class"
    " where relforcerowsecurity and relkind in ('r', 'p')"
)


def insert_sample_rows(
    connection: Connection, facts: Facts, required: Set[Key] = frozenset()
) -> list[str]:
    """Put a row into every table; gives the tables for which none could be made.

    Rows have values in columns that are NOT NULL or `required`.
    """
    empty = []
    with seeing_all(connection):
        for table in _parents_first(facts):
            if not _sown(connection, islice(_inserts(table, facts, required), MAX_ATTEMPTS)):
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
            row = connection.exec_driver_sql(sql, execution_options=VERBATIM).one()
            found[table] = dict(zip(["", *names], row, strict=True))
    return found


@contextmanager
def seeing_all(connection: Connection) -> Iterator[None]:
    """Row security is not forced on the owner meanwhile."""
    forced = list(connection.execute(FORCED).scalars())
    for table in forced:
        sql = f"alter table {table} no force row level security"
        connection.exec_driver_sql(sql, execution_options=VERBATIM)
    yield
    for table in forced:
        sql = f"alter table {table} force row level security"
        connection.exec_driver_sql(sql, execution_options=VERBATIM)


def _parents_first(facts: Facts) -> list[Fact]:
    ordered: dict[Key, Fact] = {}

    def visit(key: Key, path: tuple[Key, ...]) -> None:
        if key in path or key in ordered or key not in facts:
            return
        for foreign in facts.children(key, "constraint"):
            visit(Key("table", foreign.sql["refers to"]), (*path, key))
        ordered[key] = facts[key]

    for table in facts.of_kind("table"):
        if not table["partition of"]:  # its rows are those of the whole
            visit(table.key, ())
    return list(ordered.values())


def _inserts(table: Fact, facts: Facts, required: Set[Key]) -> Iterator[str]:
    """INSERT statements to try, the likeliest first."""
    columns = {column.sql["name"]: column for column in facts.children(table.key, "column")}
    referring = _references(table, facts)
    literals: list[str] = []
    together: dict[Key, int] = {}  # columns that one rule relates are varied first
    for rule in facts.children(table.key, "constraint"):
        if rule["type"] == "check":
            literals += [
                literal(it.replace("''", "'")) for it in LITERAL.findall(rule["definition"])
            ]
            for need in rule.needs:
                together[need] = max(len(rule.needs), together.get(need, 0))
    candidates: dict[str, tuple[str, ...]] = {}
    for name, column in sorted(columns.items(), key=lambda item: together.get(item[1].key, 0)):
        if column["generated"] or column["identity"]:
            continue
        needed = column["not null"] or column.key in required
        if name in referring:
            candidates[name] = (referring[name],)
        elif needed and Key("default", column.name) not in facts:
            domain = facts.get(Key("type", column["type"]))
            beneath = domain["base"] if domain is not None else None
            candidates[name] = _values(beneath or column["type"], literals)
    names = ", ".join(candidates)
    for values in product(*candidates.values()):
        listed = f"({names}) values ({', '.join(values)})" if values else "default values"
        yield f"insert into {table.name} {listed}"


def _references(table: Fact, facts: Facts) -> dict[str, str]:
    """What a column that refers takes: the value in some row of the other table."""
    return {
        own: f"(select {other} from {foreign.sql['refers to']} limit 1)"  # noqa: S608
        for foreign in facts.children(table.key, "constraint")
        if foreign.sql["refers to"] != table.name
        for own, other in (foreign.sql["refers"] or {}).items()
    }


def _values(type_: str, literals: list[str]) -> tuple[str, ...]:
    if type_.endswith("[]"):
        return ("'{}'",)
    for start, values in BY_TYPE:
        if type_.startswith(start):
            return values
    if type_.startswith(("character", "text", "varchar")):
        return (*SAMPLE_TEXTS, *dict.fromkeys(literals))
    if type_.startswith(("int", "bigint", "smallint", "numeric", "double", "real")):
        return SAMPLE_NUMBERS
    return (*dict.fromkeys(literals), *SAMPLE_TEXTS)


def _sown(connection: Connection, inserts: Iterable[str]) -> bool:
    """Whether one of them ran; they are tried in one round trip."""
    attempts = ", ".join(map(literal, inserts))
    try:
        with connection.begin_nested():
            sql = block(FIRST_THAT_FITS.format(attempts=attempts))
            connection.exec_driver_sql(sql, execution_options=VERBATIM)
    except DBAPIError:
        return False
    return True
