"""What PostgREST does for one RPC: the token's role and claims, then the function by its names.

It stands in for the platform's gateway, which has checked the token's signature by then.
"""

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asyncpg.exceptions import PostgresError
from sqlalchemy import URL

from qlmodels.connection import connect

KEY = "sb_publishable_of_the_project"
BROKEN = "break"
"""A state hash that the gateway chokes on."""


def token(agent_type: str | None, role: str = "authenticated") -> str:
    """As the platform signs it in, by app_metadata, which users cannot change."""
    claims = {"role": role, "app_metadata": {"agent_type": agent_type} if agent_type else {}}
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{part}.signature"


@contextmanager
def postgrest(superuser: URL) -> Iterator[str]:
    """Its URL. `superuser` stands for the authenticator, who may become any of the API's roles."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["apikey"] != KEY:
                self.answer(401, {"message": "No API key found in request"})
            elif body["p_state_hash"] == BROKEN:
                self.answer(500, "not of PostgREST")
            else:
                part = self.headers["Authorization"].split(".")[1]
                claims = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
                name = self.path.removeprefix("/rest/v1/rpc/")
                self.answer(*asyncio.run(call(superuser, name, body, claims)))

        def answer(self, status: int, body: Any) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Not on the test's terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


async def call(url: URL, name: str, body: dict[str, Any], claims: str) -> tuple[int, Any]:
    role = json.loads(claims)["role"]
    arguments = ", ".join(f"{key} => ${number}" for number, key in enumerate(body, 1))
    async with connect(url) as connection, connection.transaction():
        await connection.execute(f"set local role {role}")
        await connection.execute("select set_config('request.jwt.claims', $1, true)", claims)
        try:
            rows = await connection.fetch(
                f"select to_jsonb(found) from {name}({arguments}) as found", *body.values()
            )
        except PostgresError as error:
            return 403, {"message": str(error)}
    return 200, [json.loads(row[0]) for row in rows]
