"""Every instance, live: what it does, how it fares, and why it needs attention."""

from typing import Any

from starlette.requests import Request

from qlmodels_admin.live import headline, row
from qlmodels_admin.pages.fleet_filter import FleetFilter
from qlmodels_admin.pages.home import MAX_NOT_STARTED
from qlmodels_admin.pages.page import Page, Sources
from qlmodels_admin.web import PatientStream


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    every = await sources.learning.all_instances()
    kinds = await sources.learning.all_agent_types()
    not_started = [state for state in kinds if not state.has_started]
    chosen = FleetFilter.read(request)
    shown = chosen.shown(every)
    return {
        "headline": headline(shown),
        "rows": [row(state) for state in chosen.rows_of(shown)],
        "filter": chosen,
        "every": every,
        "shown": shown,
        "is_live": not chosen.hides and chosen.page == 1,
        "not_started": chosen.shown(not_started),
        "most_not_started": MAX_NOT_STARTED,
    }


async def stream(sources: Sources, request: Request) -> PatientStream:  # noqa: ARG001
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return PatientStream(sources.fleet.stream(), media_type="text/event-stream", headers=headers)


FLEET = Page("fleet", "Fleet", "Learning", "/fleet", "pages/fleet.html", read, {"stream": stream})
