"""Alerts: where the panel reports which agent types need attention, and what came of it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from qlmodels.connection import read_transaction
from qlmodels_admin import alerts
from qlmodels_admin.auth import current_user
from qlmodels_admin.pages.page import InvalidForm, Page, Sources, invalid_form_of
from qlmodels_admin.web import read_form, see_other


async def read(sources: Sources, request: Request) -> dict[str, Any]:
    async with read_transaction(sources.engine) as connection:
        targets = await alerts.read_targets(connection)
        messages = await alerts.recent_messages(connection)
    failed = sum(message["status"] == "failed" for message in messages)
    number = len(targets)
    refusal = invalid_form_of(request)
    return {
        "headline": _headline(number, failed),
        "targets": targets,
        "messages": messages,
        "formats": alerts.FORMATS,
        "refusal": refusal,
        "fields": refusal.fields if refusal else {"signing_secret": alerts.new_signing_secret()},
    }


def _headline(targets: int, failed: int) -> str:
    if not targets:
        return "Nobody is alerted yet."
    to = f"Alerts go to {targets} target{'s' * (targets != 1)}"
    return f"{to}; {failed} of the newest messages failed." if failed else f"{to}."


async def add(sources: Sources, request: Request) -> Response:
    """Add the target of the form."""
    form = await read_form(request)
    fields = {name: str(value) for name, value in form.items()}
    try:
        await alerts.add_target(
            sources.engine, current_user(request).name, fields, sources.alert_networks
        )
    except alerts.TargetRefused as refusal:
        raise InvalidForm(str(refusal), fields) from refusal
    return _back(request)


async def remove(sources: Sources, request: Request) -> Response:
    """Remove the target that is named."""
    form = await read_form(request)
    await alerts.remove_target(sources.engine, current_user(request).name, str(form.get("name")))
    return _back(request)


async def test(sources: Sources, request: Request) -> Response:
    """Send a test to the target that is named."""
    form = await read_form(request)
    await alerts.send_test(sources.engine, current_user(request).name, str(form.get("name")))
    return _back(request)


def _back(request: Request) -> Response:
    return see_other(request.url_for("admin:alerts").path)


ALERTS = Page(
    "alerts",
    "Alerts",
    "Inspect",
    "/alerts",
    "pages/alerts.html",
    read,
    acts={"add": add, "remove": remove, "test": test},
    roles=frozenset({"admin"}),
)
