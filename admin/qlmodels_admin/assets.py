"""Style sheets and scripts: our own and sqladmin's, from this machine, kept by browsers."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"


class Assets(StaticFiles):
    """An asset whose URL holds its version never changes, and is asked for once."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC, packages=["sqladmin"])

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if versioned else "no-cache"
        )
        return response


@jinja2.pass_context
def url(context: Any, path: str) -> str:
    """The URL of an asset, with its version."""
    base: URL = context["request"].url_for("admin:statics", path=path)
    return f"{base.path}?v={_version(path)}"


@cache
def _version(path: str) -> str:
    found, _ = Assets().lookup_path(path)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
