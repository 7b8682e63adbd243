"""Options of the sockets to the server, by which the kernel finds out that a network is gone."""

import socket
from typing import Any

IDLE = 30
"""Seconds without a packet until the kernel asks whether the other side lives."""

INTERVAL = 10
COUNT = 3

UNACKNOWLEDGED = 60
"""Seconds that what was sent may stay unacknowledged."""

_OPTIONS = (  # not every system has all of them
    ("TCP_KEEPIDLE", IDLE),
    ("TCP_KEEPINTVL", INTERVAL),
    ("TCP_KEEPCNT", COUNT),
    ("TCP_USER_TIMEOUT", 1000 * UNACKNOWLEDGED),
)


def watch(connection: Any) -> None:
    """Let the kernel watch over a new connection of asyncpg, unless it is a Unix socket."""
    transport = connection._transport
    link = transport.get_extra_info("socket")
    if link is None or link.family == getattr(socket, "AF_UNIX", None):
        return
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        if hasattr(socket, name):
            link.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
