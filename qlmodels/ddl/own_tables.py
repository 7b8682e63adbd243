"""What a table of a project's own needs so that agents reach their own rows of it and no others."""

from collections.abc import Iterator

from qlmodels.ddl.access import (
    AGENT_ROLES,
    ALL_ROWS,
    CONFINED,
    DEFINER_ROLE,
    OWN_ROWS,
    PANEL_ROLE,
    SERVICE_ROLE,
)
from qlmodels.ddl.grants import Grant
from qlmodels.ddl.objects import DDLObject, Policy, RowSecurity
from qlmodels.ddl.quoting import PUBLIC

ROW_COMMANDS = ("select", "insert", "update", "delete")


def own_rows(
    table: str, *, schema: str = "public", agents: tuple[str, ...] = ROW_COMMANDS
) -> Iterator[DDLObject]:
    """Declare row security, policies and grants for a table with a column `agent_type`.

    Agents may do `agents` to the rows of their own agent type. The panel, service_role and the
    owner, who is a member of the definer's role, reach every row.

    >>> declare(SQLModel.metadata, *own_rows("tools", agents=("select", "insert")))
    """
    yield RowSecurity(table, schema)
    yield Policy(
        "confined",
        table,
        (PUBLIC,),
        using=CONFINED,
        with_check=CONFINED,
        permissive=False,
        schema=schema,
    )
    for role, own in OWN_ROWS.items():
        yield Policy(f"{role}_access", table, (role,), using=own, with_check=own, schema=schema)
    for role in (PANEL_ROLE, DEFINER_ROLE, SERVICE_ROLE):
        yield Policy(
            f"{role}_access", table, (role,), using=ALL_ROWS, with_check=ALL_ROWS, schema=schema
        )
    everyone = (*AGENT_ROLES, PANEL_ROLE, SERVICE_ROLE)
    if schema != PUBLIC:
        yield Grant(("usage",), schema, everyone, kind="schema")
    yield Grant(agents, table, AGENT_ROLES, schema=schema)
    yield Grant(ROW_COMMANDS, table, (PANEL_ROLE, SERVICE_ROLE), schema=schema)
