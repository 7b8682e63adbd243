"""Every attack runs into its defence, by every way in; without the defence it gets through."""

import pytest

from tests.isolation.attacks import ATTACKS, JEWELS, MINE, Attack
from tests.isolation.attacks.attack import TABLES, is_about_policies
from tests.isolation.conftest import Arena
from tests.isolation.ways import WAYS, Way, attempt, filled, run

INSTANCES = [(way, attack) for way in WAYS for attack in ATTACKS if attack.api or way.name != "api"]
DEFENCES = [(way, attack) for way, attack in INSTANCES if way.port == "direct"]
"""A pooler is no defence, so that what is taken out is the same behind it."""


UNCONFINED = tuple(f"drop policy confined on public.{table}" for table in TABLES)
"""The rule under all policies would stop what gets past the caller's own."""


def _name(part: Way | Attack) -> str:
    return part.name


def test_there_are_enough_of_them() -> None:
    assert len(INSTANCES) >= 140


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("way", "attack"), INSTANCES, ids=_name)
async def test_attack_fails(arena: Arena, way: Way, attack: Attack) -> None:
    found, error = await attempt(arena, way, attack)

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
        await run(arena.superuser, [become, *way.prelude, "reset session authorization"])
        for statement in (*UNCONFINED, *attack.without):
            await arena.superuser.execute(filled(statement, way))
        steps = [filled(step, way) for step in attack.steps]
        found, error = await run(arena.superuser, [become, *way.roles, *steps])
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


@pytest.mark.newest_first
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("way", "attack"),
    [(way, attack) for way, attack in DEFENCES if is_about_policies(attack)],
    ids=_name,
)
async def test_attack_fails_where_the_callers_policies_allow_it(
    arena: Arena, way: Way, attack: Attack
) -> None:
    """The restrictive rule alone stops it."""
    become = f'set local session authorization "{way.login}"'
    transaction = arena.superuser.transaction()
    await transaction.start()
    try:
        await run(arena.superuser, [become, *way.prelude, "reset session authorization"])
        for statement in attack.without:
            await arena.superuser.execute(filled(statement, way))
        steps = [filled(step, way) for step in attack.steps]
        found, error = await run(arena.superuser, [become, *way.roles, *steps])
        changed = error is None and await _changed(arena)
    finally:
        await transaction.rollback()
        await arena.superuser.execute("deallocate all")

    assert JEWELS not in found
    assert JEWELS not in str(error or "")
    assert not changed


async def _changed(arena: Arena) -> bool:
    await arena.superuser.execute("reset session authorization")
    return not await arena.is_untouched()
