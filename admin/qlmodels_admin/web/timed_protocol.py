"""HTTP for uvicorn with limits for clients that are slow to send a request or to read an answer.

uvicorn waits for both without a limit, so that a few hundred connections on which nothing happens
take all open files of the process.
"""

import asyncio
import logging
import resource
from collections import defaultdict
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

logger = logging.getLogger(__name__)

MAX_INCOMPLETE_PER_ADDRESS: Final = 100
"""Requests of one address that have begun and not arrived whole. Those behind a proxy share one."""

INCOMPLETE_SHARE: Final = 1 / 3
"""Share of the open files that such requests may take together."""


class IncompleteRequests:
    """Connections without a whole request; where there are too many, the oldest are closed."""

    def __init__(self) -> None:
        self._all: dict[TimedHTTPProtocol, str] = {}
        self._by_address: defaultdict[str, dict[TimedHTTPProtocol, None]] = defaultdict(dict)

    def add(self, connection: "TimedHTTPProtocol", address: str) -> None:
        """Count a connection, unless it is counted already."""
        if connection in self._all:
            return
        self._all[connection] = address
        same_address = self._by_address[address]
        same_address[connection] = None
        if len(same_address) > MAX_INCOMPLETE_PER_ADDRESS:
            self._close(next(iter(same_address)), f"address {address}")
        elif len(self._all) > _open_files() * INCOMPLETE_SHARE:
            self._close(next(iter(self._all)), "all addresses")

    def remove(self, connection: "TimedHTTPProtocol") -> None:
        """Forget a connection, which may be unknown."""
        address = self._all.pop(connection, None)
        if address is None:
            return
        self._by_address[address].pop(connection)
        if not self._by_address[address]:
            del self._by_address[address]

    def _close(self, connection: "TimedHTTPProtocol", kind: str) -> None:
        logger.info("Closed the oldest incomplete request of %s to admit another one.", kind)
        self.remove(connection)
        connection.transport.abort()


def _open_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class ConnectionTimer:
    """Closes a connection after a time, unless it is stopped before."""

    def __init__(self, seconds: float, connection: "TimedHTTPProtocol") -> None:
        self._seconds = seconds
        self._connection = connection
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin the time, unless it has begun."""
        if self._timer is None:
            transport = self._connection.transport
            self._timer = self._connection.loop.call_later(self._seconds, transport.abort)

    def stop(self) -> None:
        """End the time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class TimedHTTPProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with limits: `uvicorn --http qlmodels_admin:TimedHTTPProtocol ...`."""

    header_timeout_s: ClassVar[float] = 10.0
    """Seconds from a connection, or from the first byte of its next request, to a whole header."""

    read_timeout_s: ClassVar[float] = 60.0
    """Seconds in which a client has to read something of an answer."""

    _incomplete: ClassVar[IncompleteRequests] = IncompleteRequests()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._header_timer = ConnectionTimer(self.header_timeout_s, self)
        self._read_timer = ConnectionTimer(self.read_timeout_s, self)
        super().connection_made(transport)
        self._limit_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.transport.is_closing():
            self._limit_request()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._read_timer.start()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._read_timer.start()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._read_timer.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._incomplete.remove(self)
        self._header_timer.stop()
        self._read_timer.stop()
        super().connection_lost(exc)

    def _limit_request(self) -> None:
        """Limit what is still to come of the request."""
        waits_for_header = self.cycle is None or self.cycle.response_complete
        if waits_for_header:
            self._header_timer.start()
        else:
            self._header_timer.stop()
        if waits_for_header or self.cycle.more_body:
            self._incomplete.add(self, self.client[0] if self.client else "")
        else:
            self._incomplete.remove(self)
