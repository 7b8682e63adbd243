"""Names, literals and blocks as SQL spells them."""

import re
from itertools import chain, count

PUBLIC = "public"
CURRENT_USER = "current_user"

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_QUOTED_KEYWORDS = """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user dec decimal default deferrable desc distinct do
    else end except exists extract false fetch float for foreign freeze from full grant greatest
    group grouping having ilike in initially inner inout int integer intersect interval into is
    isnull join json json_array json_arrayagg json_exists json_object json_objectagg json_query
    json_scalar json_serialize json_table json_value lateral leading least left like limit
    localtime localtimestamp merge_action national natural nchar none normalize not notnull null
    nullif numeric offset on only or order out outer overlaps overlay placing position precision
    primary real references returning right row select session_user setof similar smallint some
    substring symmetric system_user table tablesample then time timestamp to trailing treat trim
    true union unique user using values varchar variadic verbose when where window with
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable
"""
_KEYWORDS = frozenset(_QUOTED_KEYWORDS.split())
"""Those that pg_get_keywords() of Postgres 18 does not call unreserved."""


def identifier(name: str) -> str:
    """`name` quoted where Postgres' quote_ident() quotes it."""
    if _PLAIN.fullmatch(name) and name not in _KEYWORDS:
        return str(name)
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def qualified(schema: str, name: str) -> str:
    """`schema.name`, each quoted where Postgres needs it."""
    return f"{identifier(schema)}.{identifier(name)}"


def literal(text: str) -> str:
    """`text` as a string literal under standard_conforming_strings."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def block(body: str) -> str:
    """Return a DO statement of PL/pgSQL, in dollar quotes that `body` does not hold itself."""
    tags = chain(["$$"], (f"$do{number}$" for number in count()))
    tag = next(tag for tag in tags if tag not in body)
    return f"do {tag} {body} {tag}"


def on_database(head: str, tail: str) -> str:
    """Return `head database NAME tail` for this database, whose name the server alone knows."""
    head, tail = (part.replace("%", "%%") for part in (head, tail))
    sql = literal(f"{head} database %I {tail}")
    return block(
        "begin\n"
        f"    execute pg_catalog.format(\n        {sql}, pg_catalog.current_database());\n"
        "end"
    )


def grantee(role: str) -> str:
    """A role as GRANT and CREATE POLICY spell it: PUBLIC and CURRENT_USER are keywords."""
    return role if role in {PUBLIC, CURRENT_USER} else identifier(role)


def grantees(roles: tuple[str, ...]) -> str:
    return ", ".join(map(grantee, roles))


def unquoted(name: str) -> str:
    """A single name as the catalogs store it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
