"""Clients of the original, step by step: docs/original-guide.md says what each login may."""

import asyncio

import pytest

from qlmodels import migrate
from qlmodels.connection import connect
from tests.conftest import Cluster, Database
from tests.support.original_client import (
    HEADING,
    LOGINS,
    PAGE,
    PASSES,
    measure,
    outcomes,
    steps,
    table,
    url_of,
)

pytestmark = [pytest.mark.newest_first, pytest.mark.long]

FUZZY = "patterns by a name like this one"


async def test_the_page_has_what_is_measured(cluster: Cluster) -> None:
    found = await measure(cluster)
    rows = table(found)
    section = PAGE.read_text("utf-8").partition(HEADING)[2]
    assert rows in section, "run `python -m tests.support.original_client` and keep what it writes"
    reasons = {step.name: step.headers.get("why", "") for step in steps()}
    for column, results in found.items():
        for name, result in results.items():
            own_fault = reasons[name].startswith("own fault: ")
            stated = own_fault or reasons[name].startswith("guarantee: ")
            assert result == PASSES or stated, f"{column}: {name}: {result}"
            assert not own_fault or result != PASSES, (
                f"{column}: {name} is said to be its own fault"
            )


async def test_names_are_compared_by_logins_that_may_use_the_extensions(
    database: Database,
) -> None:
    async with connect(database.owner) as owner:
        for name in filter(None, LOGINS.values()):
            await owner.execute(f'grant usage on schema extensions to "{name}"')
    await asyncio.to_thread(migrate.check, database.owner)
    for login in LOGINS:
        url = url_of(database, login)
        path = f"{'&' if '?' in url else '?'}search_path=public,extensions"
        assert (await outcomes(url + path))[FUZZY] == PASSES, login
