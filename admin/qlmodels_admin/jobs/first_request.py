"""The first request starts the jobs of a panel whose lifespan does not run, as in a mount."""

from starlette.types import ASGIApp, Receive, Scope, Send

from qlmodels_admin.jobs.scheduler import Scheduler


class StartAtFirstRequest:
    """Starts the scheduler where the lifespan has not; the jobs then end with the process."""

    def __init__(self, app: ASGIApp, scheduler: Scheduler) -> None:
        self._app = app
        self._scheduler = scheduler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._scheduler.start("the first request")
        await self._app(scope, receive, send)
