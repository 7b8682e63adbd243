"""What axe-core complains of on a page, in light and in dark."""

from importlib import resources

from playwright.async_api import BrowserContext, Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
COLOURS = ["color-contrast", "link-in-text-block"]
"""What another scheme of colours may change."""
STILL = "Promise.all(document.getAnimations().map(animation => animation.finished))"
"""Colours are judged when no transition is between them, however busy the machine is."""


async def complaints(context: BrowserContext, path: str) -> list[str]:
    page = await context.new_page()
    await page.goto(path)
    found = await complaints_of(page)
    await page.close()
    return found


async def complaints_of(page: Page) -> list[str]:
    """Of a page that is open, as it stands."""
    await page.evaluate(AXE)
    await page.emulate_media(color_scheme="light")
    await page.evaluate(STILL)
    light = await page.evaluate("axe.run()")
    await page.emulate_media(color_scheme="dark")
    await page.evaluate(STILL)
    dark = await page.evaluate(f"axe.run({{ runOnly: {COLOURS} }})")
    await page.emulate_media(color_scheme=None)
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in [*light["violations"], *dark["violations"]]
        for node in found["nodes"]
    ]
