"""What makes the schema does to the database at large, too: said before it is done."""

import asyncio
import sys

import typer
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.connection import connect
from qlmodels.ddl.access import ROLES
from qlmodels.errors import NotAllowed
from qlmodels.files import sql_of
from qlmodels.fleet import TESTING_FLEET

_sql = sql_of("qlmodels.ddl")


def announce_first_schema(owner: URL, *, yes: bool) -> None:
    """Where the database has no schema of ours yet, announce as a first upgrade does."""
    if asyncio.run(migrate.current(owner)) is None:
        announce_first_upgrade(owner, fleet=False, yes=yes)


def announce_first_upgrade(owner: URL, *, fleet: bool, yes: bool) -> None:
    """Print what changes beyond the product's own schemas; on a terminal ask whether to go on.

    Raises NotAllowed where this login may not create the roles.
    """
    for line in asyncio.run(_consequences(owner, fleet)):
        typer.echo(line)
    if not yes and sys.stdin.isatty():
        typer.confirm("Go on?", default=True, abort=True)


async def _consequences(owner: URL, fleet: bool) -> list[str]:
    async with connect(owner) as connection:
        [facts] = await connection.fetch(_sql("consequences"), list(ROLES))
    new_roles = list(facts["new_roles"])
    if new_roles and not facts["may_create_roles"]:
        raise NotAllowed(
            f"Login {owner.username} may not create roles, and {', '.join(new_roles)} are missing "
            f'on the server. Let a superuser run `alter role "{owner.username}" createrole;`, '
            "then run the command again."
        )
    database = facts["database"]
    lines = [f"This makes tables, functions and schemas in database {database}. Beyond them it"]
    if facts["revokes_temporary"]:
        lines.append(
            f"- takes TEMPORARY on database {database} from PUBLIC: other logins that make "
            f"temporary tables need `grant temporary on database {database} to LOGIN;`"
        )
    if new_roles:
        lines.append(f"- creates these roles on the whole server: {', '.join(new_roles)}")
    if fleet:
        lines.append(
            f"- adds {len(TESTING_FLEET)} agent types of a testing fleet, such as "
            f"{TESTING_FLEET[0]}; --no-fleet leaves them out"
        )
    return lines if len(lines) > 1 else [f"{lines[0]} changes nothing."]
