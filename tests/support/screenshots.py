"""`make screenshots`: the panel with a demo fleet, as the pictures of the README.

Starts `qlmodels up` in an empty home, lets the fleet learn for a while, signs in by the link that
it prints, and takes each picture in its own size and theme.
"""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.async_api import Page, async_playwright

from tests.support.serving import running

CHROMIUM = "/usr/bin/chromium"
DOCS = Path(__file__).parents[2] / "docs"
LEARNED_BY = 90_000
"""Milliseconds until the fleet has something to show."""

SETTLED_BY = 1500
"""Milliseconds until a page that listens has heard."""


class Picture(NamedTuple):
    name: str
    path: str
    theme: Literal["light", "dark"] = "light"
    width: int = 1200
    height: int = 720
    follow: str | None = None
    """The first link of these that is followed from `path`."""


VALUES = "/admin/q_values/list?agent_type=demo-taxi&sortBy=q_value&sort=desc"
FAILED = "/admin/trajectory?agent_type=demo-unsettled&outcome=failed"
PICTURES = (
    Picture("panel", "/admin/"),
    Picture("panel-fleet", "/admin/fleet", height=420),
    Picture("panel-curves", "/admin/curves?agent_type=demo-taxi", "dark"),
    Picture("panel-policy", "/admin/policy?agent_type=demo-taxi", height=760),
    Picture("panel-trajectory", FAILED, height=820, follow="tbody a.key"),
    Picture("panel-isolation", "/admin/isolation?agent_type=demo-taxi", height=760),
    Picture("panel-list", VALUES),
    Picture("panel-dark", "/admin/agent_types/edit/test-generator", "dark"),
    Picture("panel-phone", "/admin/trajectories/list", "dark", 390, 640),
)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qlshots") as home:
        folder = Path(home)
        folder.chmod(0o755)
        environment = {"PATH": os.environ["PATH"], "HOME": home, "QLMODELS_HOME": f"{home}/data"}
        with running(environment, folder) as said:
            asyncio.run(_take_all(said["panel"], said["link"]))


async def _take_all(panel: str, link: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(base_url=panel)
        await page.goto(link)
        await page.wait_for_url("**/admin/")
        await page.wait_for_timeout(LEARNED_BY)
        for picture in PICTURES:
            await _take(page, picture)
        await browser.close()


async def _take(page: Page, picture: Picture) -> None:
    await page.emulate_media(color_scheme=picture.theme)
    await page.set_viewport_size({"width": picture.width, "height": picture.height})
    answer = await page.goto(picture.path)
    if answer is None or not answer.ok:
        raise SystemExit(f"{picture.path} is not there to be taken.")
    if picture.follow is not None:
        await page.locator(picture.follow).first.click()
        await page.wait_for_url("**id=**")
    await page.wait_for_timeout(SETTLED_BY)
    await page.screenshot(path=DOCS / f"{picture.name}.png")


if __name__ == "__main__":
    main()
