"""The ways in: by which login, through what, and how an attempt is made."""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import asyncpg
from asyncpg.exceptions import PostgresError

from qlmodels.connection import connect
from tests.isolation.attacks.attack import Attack
from tests.isolation.conftest import Arena

ATTACKER_CLAIMS = '{"role": "authenticated", "app_metadata": {"agent_type": "test-generator"}}'


@dataclass(frozen=True)
class Way:
    """A way in: by which login, to which group's policies.

    `choice` says in each transaction who it is for, `role` which role it takes.
    """

    name: str
    login: str
    group: str
    port: Literal["direct", "pooled", "pooled_and_reset"] = "direct"
    choice: str = ""
    role: str = ""
    one_transaction: bool = False

    @property
    def actor(self) -> str:
        return self.role or self.login

    @property
    def prelude(self) -> list[str]:
        return [*self.roles, self.choice] if self.choice else self.roles

    @property
    def roles(self) -> list[str]:
        return [f"set local role {self.role}"] if self.role else []


AGENT = ("ql_test-generator", "qlmodels_agent")
WAYS = (
    Way("direct", *AGENT),
    Way("pooled", *AGENT, port="pooled"),
    Way("pooled and reset", *AGENT, port="pooled_and_reset", one_transaction=True),
    Way(
        "orchestrator",
        "qlfleet_test",
        "qlmodels_fleet",
        choice="select qlmodels.act_as('test-generator')",
        one_transaction=True,
    ),
    Way(
        "api",
        "authenticator",
        "authenticated",
        choice=f"select set_config('request.jwt.claims', '{ATTACKER_CLAIMS}', true)",
        role="authenticated",
        one_transaction=True,
    ),
)


async def attempt(arena: Arena, way: Way, attack: Attack) -> tuple[str, PostgresError | None]:
    """What the attack found, as text, and the error that ended it."""
    url = arena.database.url(way.login)
    if way.port != "direct":
        url = url.set(port=getattr(arena, way.port))
    pooler: Literal["none", "transaction"] = "none" if way.port == "direct" else "transaction"
    async with connect(url, pooler=pooler) as connection:
        steps = [filled(step, way) for step in attack.steps]
        if not way.one_transaction:
            found, error = await run(connection, steps)
            await connection.execute("discard all")
            return found, error
        transaction = connection.transaction()
        await transaction.start()
        found, error = await run(connection, [*way.prelude, *steps])
        await (transaction.rollback() if error else transaction.commit())
        return found, error


async def run(connection: asyncpg.Connection, steps: list[str]) -> tuple[str, PostgresError | None]:
    """All that the steps gave, as text, and the error that ended them."""
    found: list[str] = []
    try:
        for step in steps:
            if step.startswith("copy: "):
                query = step.removeprefix("copy: ")
                copied = BytesIO()
                await connection.copy_from_query(query, output=copied)
                found.append(copied.getvalue().decode())
            else:
                found.append(str(await connection.fetch(step)))
    except PostgresError as error:
        return "\n".join(found), error
    return "\n".join(found), None


def filled(statement: str, way: Way) -> str:
    for placeholder, name in (("login", way.login), ("group", way.group), ("actor", way.actor)):
        statement = statement.replace(f"<{placeholder}>", name)
    return statement
