"""The database at hand, as its owner: the configured one, or the embedded one meanwhile."""

import asyncio
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from signal import SIGHUP, SIGTERM
from types import FrameType

from sqlalchemy import URL

from qlmodels import paths
from qlmodels.embedded import DATABASE, EmbeddedServer, RunningServer, provision
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
    with embedded_database() as embedded:
        yield embedded.owner


@dataclass(frozen=True, slots=True)
class EmbeddedDatabase:
    """The embedded server, as it runs, and the owner's URL of its database."""

    server: EmbeddedServer
    running: RunningServer
    owner: URL

    @property
    def superuser(self) -> URL:
        return self.running.url(self.running.superuser, self.running.password, DATABASE)


@contextmanager
def embedded_database(*, upgrade: bool = False) -> Iterator[EmbeddedDatabase]:
    """Join or start the embedded server, and leave it at the end. Raises EmbeddedError.

    With `upgrade` its data are taken over by a newer major version of PostgreSQL, if there is one.
    """
    server = EmbeddedServer(paths.home_directory(), upgrade=upgrade)
    with _leaving_in_order(), server as running:
        yield EmbeddedDatabase(server, running, asyncio.run(provision(running)))


@contextmanager
def _leaving_in_order() -> Iterator[None]:
    """A signal that ends Python at once would leave the server running with no user."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _leave) for number in (SIGHUP, SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
