"""What routes are made of: handlers, and guards that let only some requests through to one."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]


class Guard(Protocol):
    """Returns a handler that answers itself where the request may not reach the given one.

    A handler that `shows_unsent` forms is given those that its user has to confirm first.
    """

    def __call__(self, handler: Handler, *, shows_unsent: bool = False) -> Handler: ...
