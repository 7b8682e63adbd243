"""Promoting the policy that is shown to another agent type, and taking that back."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import asyncpg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from qlmodels import policies
from qlmodels.policies import NotPromotable, Promoted, SettingsDiffer, Version
from qlmodels_admin.auth import current_user
from qlmodels_admin.pages.page import Sources
from qlmodels_admin.pages.policy.query import PolicyQuery, positive_integer
from qlmodels_admin.pages.policy.snapshots import changing, policy_path
from qlmodels_admin.web import known_agent_type, read_form, see_other


@dataclass(frozen=True, slots=True)
class PromotionPreview:
    """What a promotion would do, or why it cannot be done; with other settings it may be."""

    promoted: Promoted | None
    refusal: str | None = None
    settings_differ: bool = False


async def preview_of(
    driver: asyncpg.Connection, choice: PolicyQuery, target: str
) -> PromotionPreview:
    """Return what promoting the policy that is shown to `target` would do."""
    try:
        promoted = await policies.preview_promotion(
            driver,
            choice.agent_type,
            target,
            version=choice.version,
            with_settings=choice.with_settings,
        )
    except NotPromotable as error:
        return PromotionPreview(None, str(error), isinstance(error, SettingsDiffer))
    return PromotionPreview(promoted)


def promotion_to_take_back(versions: Sequence[Version]) -> Version | None:
    """Return the version that the last promotion made, unless that was taken back since."""
    last = next((one for one in versions if one.reason in {"promote", "restore"}), None)
    return last if last is not None and last.reason == "promote" else None


async def promote(sources: Sources, request: Request) -> Response:
    """Give another agent type the policy; for admins, since its own pairs are removed."""
    _require_admin(request)
    form = await read_form(request)
    names = await sources.learning.names()
    source = known_agent_type(str(form.get("agent_type", "")), names)
    target = known_agent_type(str(form.get("target", "")), names)
    version = positive_integer({"version": str(form.get("version", ""))}, "version")
    what = source if version is None else f"{source} version {version}"
    async with changing(sources, request, f"{what} promoted") as driver:
        done = await policies.promote(
            driver,
            source,
            target,
            version=version,
            with_settings=form.get("with_settings") == "1",
        )
    values = {"agent_type": target, "against": done.before, "note": "promoted"}
    return see_other(f"{policy_path(request)}?{urlencode(values)}")


async def take_back(sources: Sources, request: Request) -> Response:
    """Make the policy what it was before its last promotion; for admins."""
    _require_admin(request)
    form = await read_form(request)
    names = await sources.learning.names()
    target = known_agent_type(str(form.get("agent_type", "")), names)
    async with changing(sources, request, "promotion taken back") as driver:
        done = await policies.take_back(driver, target)
    values = {"agent_type": target, "against": done.before, "note": "taken_back"}
    return see_other(f"{policy_path(request)}?{urlencode(values)}")


def _require_admin(request: Request) -> None:
    if current_user(request).role != "admin":
        raise HTTPException(403, "Promoting removes the pairs of the target: only an admin may.")
