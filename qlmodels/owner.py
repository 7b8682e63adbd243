"""The database at hand, as its owner: the configured one, or the embedded one meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from qlmodels import paths
from qlmodels.embedded import EmbeddedServer, provision
from qlmodels.settings import Settings


@contextmanager
def owner_database() -> Iterator[URL]:
    """The migrating owner's URL, good for as long as the block lasts.

    With nothing configured the embedded server is joined or started, and left at the end.
    Raises ConfigurationError, and EmbeddedError where that server cannot run.
    """
    url = Settings().owner_url()
    if url is not None:
        yield url
        return
    with EmbeddedServer(paths.data_directory()) as server:
        yield asyncio.run(provision(server))
