"""Style sheets and scripts: from this machine, small on the way, and asked for once."""

import gzip
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from qlmodels_admin.web import assets

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


@pytest_asyncio.fixture(loop_scope="session")
async def admin(panel: Any) -> Any:
    async with await panel.client("admin") as client:
        yield client


async def test_pages_name_assets_that_never_change(admin: httpx.AsyncClient) -> None:
    page = (await admin.get("/admin/q_values/create")).text
    urls = re.findall(r'(?:src|href)="(/admin/statics/[^"]+)"', page)
    assert {Path(url).name for url in urls} >= {"layout.css", "_form.css", "panel.js", "editor.js"}
    for url in urls:
        assert assets.release() in url
        answer = await admin.get(url)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"].lower() == "accept-encoding"
        plain = await admin.get(url, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content


async def test_an_asset_without_its_release_is_asked_for_again(admin: httpx.AsyncClient) -> None:
    answer = await admin.get("/admin/statics/panel.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert (await admin.get("/admin/statics/0123456789abcdef/panel.js")).status_code == 404
    assert (await admin.get("/admin/statics/../assets.py")).status_code == 404


async def test_modules_find_each_other(admin: httpx.AsyncClient) -> None:
    base = f"/admin/statics/{assets.release()}/"
    editor = (await admin.get(f"{base}tables/editor.js")).text
    imported = re.findall(r'from "([^"]+)"', editor)
    assert imported == ["../vendor/codemirror.js", "./json_text.js"]
    for name in imported:
        answer = await admin.get(f"{base}tables/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")


async def test_what_is_vendored_has_its_licence_beside_it() -> None:
    for script in (assets.STATIC_FOLDER / "vendor").glob("*.js"):
        licence = script.with_suffix(".LICENSE.txt").read_text("utf-8")
        assert "Permission is hereby granted" in licence
        assert len(gzip.compress(script.read_bytes())) < 150_000
