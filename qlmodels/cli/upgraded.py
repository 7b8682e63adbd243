"""The database that a command works with, once `qlmodels upgrade` has nothing to do there."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.owner import owner_database


@contextmanager
def upgraded_database() -> Iterator[URL]:
    """Give what `owner_database` gives. Raises WrongRevision for an earlier revision, or none."""
    with owner_database() as url:
        asyncio.run(migrate.require_upgraded(url))
        yield url
