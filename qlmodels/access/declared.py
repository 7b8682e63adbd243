"""The access matrix that the declarations make."""

import re
from collections.abc import Iterator
from typing import Literal, cast

from sqlalchemy import ForeignKeyConstraint, MetaData

from qlmodels import ddl
from qlmodels.access.matrix import COMMANDS, Cascade, DefinerFunction, Matrix, MatrixEntry
from qlmodels.ddl.access import (
    AGENT_ROLE,
    ALL_ROWS,
    AUTHENTICATED_ROLE,
    DEFINER_FUNCTIONS,
    FLEET_ROLE,
    OWN_ROWS,
    ROLES,
    TABLES,
)
from qlmodels.ddl.functions import Function
from qlmodels.ddl.grants import Grant
from qlmodels.ddl.objects import Policy, declared
from qlmodels.ddl.quoting import PUBLIC

ROLE_COLUMNS = ("PUBLIC", *ROLES)

PRINTED_POLICIES = {
    OWN_ROWS[AGENT_ROLE]: (
        "((agent_type)::text = ( SELECT\n        CASE\n            WHEN (SESSION_USER ~~ "
        "'ql\\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE \"default\")\n"
        '            ELSE NULL::text\n        END AS "case"))'
    ),
    OWN_ROWS[FLEET_ROLE]: "((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent))",
    OWN_ROWS[AUTHENTICATED_ROLE]: (
        "((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting("
        "'request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> "
        "'{app_metadata,agent_type}'::text[])))"
    ),
}
"""Policies as Postgres prints them, so that both matrices are equal to the letter."""


def declared_matrix(metadata: MetaData = ddl.metadata) -> Matrix:
    """The matrix of the seven tables for the group roles and PUBLIC."""
    things = declared(metadata)
    grants = [thing for thing in things if isinstance(thing, Grant) and thing.kind == "table"]
    policies = [thing for thing in things if isinstance(thing, Policy) and thing.permissive]
    direct = {
        (role, table, command): _cell(role, table, command, grants, policies)
        for role in ROLE_COLUMNS
        for table in TABLES
        for command in COMMANDS
    }
    functions = [thing for thing in things if isinstance(thing, Function)]
    definer_functions = tuple(
        _definer_function(function) for function in functions if function.name in DEFINER_FUNCTIONS
    )
    return Matrix(ROLE_COLUMNS, TABLES, direct, definer_functions, tuple(_cascades(metadata)))


def _cell(
    role: str, table: str, command: str, grants: list[Grant], policies: list[Policy]
) -> MatrixEntry:
    granted = any(
        grant.on == table
        and grant.schema == PUBLIC
        and role in grant.to
        and command.lower() in grant.privileges
        for grant in grants
    )
    if not granted:
        return MatrixEntry()
    if command == "TRUNCATE":
        return MatrixEntry("open")
    for policy in policies:
        if (
            policy.table == table
            and role in policy.to
            and policy.command in {"all", command.lower()}
        ):
            condition = policy.with_check if command == "INSERT" else policy.using
            if condition == ALL_ROWS:
                return MatrixEntry("open")
            return MatrixEntry("conditional", PRINTED_POLICIES.get(condition or "", condition))
    return MatrixEntry()


def _definer_function(function: Function) -> DefinerFunction:
    owner = function.owner or ""
    return DefinerFunction(
        function.name,
        f"{function.schema}.{function.name}({_arguments(function.sql)})",
        owner,
        frozenset({owner, *(function.execute or ())}),
        reaches(function.name),
    )


def reaches(name: str) -> frozenset[tuple[str, str]]:
    """Table and command of each statement in a function of the definer's."""
    done = DEFINER_FUNCTIONS.get(name, {})
    return frozenset((table, command.upper()) for command in done for table in done[command])


def _arguments(sql: str) -> str:
    """Names and types, as Postgres prints the identity of a function."""
    match = re.search(r"create or replace function [^(]*\(([^)]*)\)", sql)
    listed = match.group(1).split(",") if match else []
    return ", ".join(re.sub(r" default .*", "", " ".join(part.split())) for part in listed)


def _cascades(metadata: MetaData) -> Iterator[Cascade]:
    for table in TABLES:
        for key in metadata.tables[table].constraints:
            if not isinstance(key, ForeignKeyConstraint):
                continue
            action = (key.ondelete or "").partition(" (")[0]
            if action in {"SET NULL", "CASCADE"}:
                parent = str(key.referred_table.name)
                kind = cast(Literal["SET NULL", "CASCADE"], action)
                yield Cascade(str(key.name), table, parent, kind)
