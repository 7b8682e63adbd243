"""What leaves its parent or is covered on a page, as a browser lays it out."""

from importlib import resources

from playwright.async_api import Page

SCRIPT = resources.files("tests.support").joinpath("boxes.js").read_text("utf-8")


async def misplaced(page: Page) -> list[str]:
    """Return what cannot be seen or reached where it is, one sentence for each element."""
    found: list[str] = await page.evaluate(SCRIPT)
    return found
