"""Every instance, live: what it does, how it fares, and why it needs attention."""

from typing import Any

from starlette.requests import Request

from qlmodels_admin.live import headline, row
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.web import PatientStream


async def read(sources: Sources, request: Request) -> dict[str, Any]:  # noqa: ARG001
    instances = await sources.learning.instances()
    not_started = [state for state in await sources.learning.agent_types() if not state.has_started]
    return {
        "headline": headline(instances),
        "rows": [row(state) for state in instances],
        "not_started": not_started,
    }


async def stream(sources: Sources, request: Request) -> PatientStream:  # noqa: ARG001
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return PatientStream(sources.fleet.stream(), media_type="text/event-stream", headers=headers)


FLEET = Page("fleet", "Fleet", "Learning", "/fleet", "pages/fleet.html", read, {"stream": stream})
