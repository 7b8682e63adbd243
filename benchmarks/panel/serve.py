"""One side of the comparison in a process of its own, so that its memory can be told.

The database's URL comes by PANEL_URL, not as an argument that `ps` would show. Prints its port.
"""

import os
import socket
import sys
from typing import Literal

import uvicorn
from qlmodels_admin import TimedHTTPProtocol, create_app
from sqladmin import Admin, ModelView
from sqladmin.filters import AllUniqueStringValuesFilter
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette

from qlmodels.tables import QValue

Side = Literal["ours", "sqladmin"]


class PlainView(ModelView, model=QValue):
    """As sqladmin's documentation shows one: all columns, sorting, search and a filter."""

    column_list = "__all__"
    column_sortable_list = (
        "q_value_id",
        "state_hash",
        "session_id",
        "q_value",
        "visit_count",
        "confidence_score",
        "last_updated",
    )
    column_searchable_list = ("state_hash",)
    column_filters = (AllUniqueStringValuesFilter(QValue.agent_type),)
    column_default_sort = "q_value_id"
    page_size = 50
    export_max_rows = int(os.environ.get("EXPORTED", "0"))


def plain(url: URL) -> Starlette:
    app = Starlette()
    Admin(app, create_async_engine(url)).add_view(PlainView)
    return app


def main(side: Side) -> None:
    url = make_url(os.environ.pop("PANEL_URL"))
    app = create_app(url) if side == "ours" else plain(url)
    listener = socket.socket(proto=socket.IPPROTO_TCP)  # as uvicorn would open it
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)  # noqa: T201
    http = TimedHTTPProtocol if side == "ours" else "auto"
    config = uvicorn.Config(app, http=http, log_level="warning", ws="none")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main("ours" if sys.argv[1] == "ours" else "sqladmin")
