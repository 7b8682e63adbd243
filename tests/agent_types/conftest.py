"""A database whose agents' logins end with the test: roles belong to the server."""

from collections.abc import AsyncIterator

import pytest

from qlmodels import logins
from qlmodels.connection import connect
from tests.conftest import Database


@pytest.fixture
async def place(database: Database) -> AsyncIterator[Database]:
    yield database
    async with connect(database.owner) as owner:
        made = [login.name for login in await logins.list_logins(owner) if login.made_here]
        await logins.drop_all(owner, made)
