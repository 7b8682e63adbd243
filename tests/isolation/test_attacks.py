"""Every attack runs into its defence, by every way in; without the defence it gets through."""

from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import asyncpg
import pytest
from asyncpg.exceptions import PostgresError

from qlmodels.connection import connect
from tests.isolation.attacks import ATTACKS, JEWELS, MINE, Attack
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


INSTANCES = [(way, attack) for way in WAYS for attack in ATTACKS if attack.api or way.name != "api"]
DEFENCES = [(way, attack) for way, attack in INSTANCES if way.port == "direct"]
"""A pooler is no defence, so that what is taken out is the same behind it."""


def _name(part: Way | Attack) -> str:
    return part.name


def test_there_are_enough_of_them() -> None:
    assert len(INSTANCES) >= 140


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "attack"), INSTANCES, ids=_name)
async def test_attack_fails(arena: Arena, way: Way, attack: Attack) -> None:
    found, error = await _attempt(arena, way, attack)

    assert JEWELS not in found
    assert JEWELS not in str(error or "")
    assert await arena.is_untouched()
    expected = (way.name == "orchestrator" and attack.orchestrator) or attack.outcome
    if error is not None:
        assert error.as_dict()["sqlstate"] == expected, error
    else:
        assert expected in {"own", "nothing", "accepted"}, found
        assert (MINE in found) == (expected == "own") or expected == "accepted", found


@pytest.mark.newest_first
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "attack"), DEFENCES, ids=_name)
async def test_attack_succeeds_without_its_defence(arena: Arena, way: Way, attack: Attack) -> None:
    become = f'set local session authorization "{way.login}"'
    transaction = arena.superuser.transaction()
    await transaction.start()
    try:
        await _run(arena.superuser, [become, *way.prelude, "reset session authorization"])
        for statement in attack.without:
            await arena.superuser.execute(_filled(statement, way))
        steps = [_filled(step, way) for step in attack.steps]
        found, error = await _run(arena.superuser, [become, *way.roles, *steps])
        changed = error is None and await _changed(arena)
    finally:
        await transaction.rollback()
        await arena.superuser.execute("deallocate all")

    if attack.outcome == "accepted":  # to be refused, or to see or change something, tells
        assert error is not None or JEWELS in found or changed
    elif attack.outcome in {"own", "nothing"}:
        assert error is None, error
        assert JEWELS in found or changed
    else:
        assert error is None, error


async def _attempt(arena: Arena, way: Way, attack: Attack) -> tuple[str, PostgresError | None]:
    url = arena.database.url(way.login)
    if way.port != "direct":
        url = url.set(port=getattr(arena, way.port))
    pooler: Literal["none", "transaction"] = "none" if way.port == "direct" else "transaction"
    async with connect(url, pooler=pooler) as connection:
        steps = [_filled(step, way) for step in attack.steps]
        if not way.one_transaction:
            found, error = await _run(connection, steps)
            await connection.execute("discard all")
            return found, error
        transaction = connection.transaction()
        await transaction.start()
        found, error = await _run(connection, [*way.prelude, *steps])
        await (transaction.rollback() if error else transaction.commit())
        return found, error


async def _run(
    connection: asyncpg.Connection, steps: list[str]
) -> tuple[str, PostgresError | None]:
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


async def _changed(arena: Arena) -> bool:
    await arena.superuser.execute("reset session authorization")
    return not await arena.is_untouched()


def _filled(statement: str, way: Way) -> str:
    for placeholder, name in (("login", way.login), ("group", way.group), ("actor", way.actor)):
        statement = statement.replace(f"<{placeholder}>", name)
    return statement
