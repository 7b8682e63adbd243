"""Style sheets and scripts: our own and sqladmin's, from this machine, kept by browsers."""

import asyncio
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from starlette.datastructures import URL, Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC_FOLDER = Path(__file__).parents[1] / "static"
TEXT_SUFFIXES = {".css", ".js", ".svg", ".txt", ".json"}


class Assets(StaticFiles):
    """An asset under the release's own path never changes: it is asked for once.

    The path begins with a hash of all assets, so that style sheets and modules find each other
    by relative URLs; without it an asset is found too, but asked for again each time.
    """

    def __init__(self) -> None:
        super().__init__(directory=STATIC_FOLDER, packages=["sqladmin"])

    async def get_response(self, path: str, scope: Scope) -> Response:
        first, _, rest = path.partition("/")
        lasting = first == release()
        response = await super().get_response(rest if lasting else path, scope)
        if isinstance(response, FileResponse) and _takes_gzip(scope, response):
            response = await _compressed(response)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if lasting else "no-cache"
        )
        return response


@jinja2.pass_context
def asset_url(context: Any, path: str) -> str:
    """The lasting URL of an asset."""
    base: URL = context["request"].url_for("admin:statics", path=f"{release()}/{path}")
    return base.path


@cache
def release() -> str:
    """A hash of every asset's name and content."""
    digest = hashlib.sha256()
    for folder in Assets().all_directories:
        for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _takes_gzip(scope: Scope, response: FileResponse) -> bool:
    return (
        scope["method"] == "GET"
        and response.status_code == 200
        and Path(response.path).suffix in TEXT_SUFFIXES
        and "gzip" in Headers(scope=scope).get("accept-encoding", "")
    )


async def _compressed(response: FileResponse) -> Response:
    body = await asyncio.to_thread(_gzip, str(response.path))
    headers = {
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
        "Last-Modified": response.headers["last-modified"],
    }
    return Response(body, headers=headers, media_type=response.media_type)


@cache
def _gzip(path: str) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
