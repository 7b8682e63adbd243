"""An application of somebody's own that mounts the panel; served by the tests beside it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from qlmodels_admin import create_app
from starlette.applications import Starlette
from starlette.routing import Mount

panel = create_app(os.environ["PANEL"], hosts=["*"])

app = FastAPI(lifespan=panel.router.lifespan_context)
app.mount("/fleet", panel)

without_lifespan = FastAPI()
without_lifespan.mount("/fleet", panel)


@asynccontextmanager
async def lifespan(outer: Starlette) -> AsyncIterator[None]:
    async with panel.router.lifespan_context(outer):
        yield


of_their_own = Starlette(
    routes=[Mount("/tools", routes=[Mount("/fleet", panel)])], lifespan=lifespan
)
