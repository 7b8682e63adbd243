"""Names, literals and blocks as SQL spells them."""

from itertools import chain, count

from qlmodels.ddl.dialect import DIALECT

PUBLIC = "public"
CURRENT_USER = "current_user"

_quote = DIALECT.identifier_preparer.quote


def identifier(name: str) -> str:
    """`name` quoted where Postgres needs it."""
    return str(_quote(name))


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
