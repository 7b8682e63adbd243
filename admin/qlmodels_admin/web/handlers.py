"""What routes are made of: handlers, and guards that let only some requests through to one."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]

Guard = Callable[[Handler], Handler]
"""Returns a handler that answers itself where the request may not reach the given one."""
