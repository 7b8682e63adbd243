"""The panel behind uvicorn; imported only where the panel is installed."""

import socket
from collections.abc import Sequence

import typer
import uvicorn
from qlmodels_admin import create_app
from qlmodels_admin.app import LOOPBACK_HOSTS
from sqlalchemy import URL


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
    hosts = [*LOOPBACK_HOSTS, *names]
    config = uvicorn.Config(
        create_app(panel, hosts=hosts), log_config=None, log_level="warning", access_log=False
    )
    await GreetingServer(config, greeting).serve(sockets=[listener])
