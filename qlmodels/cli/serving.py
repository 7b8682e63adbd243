"""The panel behind uvicorn; imported only where the panel is installed."""

import resource
import socket
from collections.abc import Sequence
from typing import Final

import typer
import uvicorn
from qlmodels_admin import TimedHTTPProtocol, create_app
from qlmodels_admin.app import LOOPBACK_HOSTS
from sqlalchemy import URL

MIN_OPEN_FILES: Final = 4096
"""Open files that a few thousand browsers need; each connection is one."""


class GreetingServer(uvicorn.Server):
    """Says where it is as soon as it answers, and not before."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self.greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            typer.echo(self.greeting)


async def serve(listener: socket.socket, panel: URL, greeting: str, names: Sequence[str]) -> None:
    """Serve the panel until a signal ends it, to requests that name the loopback or `names`.

    The panel logs requests itself: in uvicorn's access log a link's token would stand.
    """
    raise_open_files()
    config = uvicorn.Config(
        create_app(panel, hosts=[*LOOPBACK_HOSTS, *names]),
        http=TimedHTTPProtocol,
        log_config=None,
        log_level="warning",
        access_log=False,
    )
    await GreetingServer(config, greeting).serve(sockets=[listener])


def raise_open_files() -> None:
    """Raise the limit of open files to MIN_OPEN_FILES where it is lower, and say so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= MIN_OPEN_FILES:
        return
    raised = MIN_OPEN_FILES if hard == resource.RLIM_INFINITY else min(MIN_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    if raised > soft:
        typer.echo(f"Raised the limit of open files from {soft} to {raised}.")
    if raised < MIN_OPEN_FILES:
        typer.echo(
            f"This system allows {raised} open files, and each browser takes some. Raise the limit "
            f"for many users: `ulimit -Hn {MIN_OPEN_FILES}`."
        )
