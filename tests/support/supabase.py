"""A server shaped like a Supabase project, not migrated yet."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from qlmodels.connection import connect
from qlmodels.embedded import Binaries, EmbeddedServer
from qlmodels.logins.scram import verifier
from tests.conftest import PASSWORD

SHAPE = Path(__file__).with_suffix(".sql").read_text()


@contextmanager
def supabase_project(binaries: Binaries) -> Iterator[URL]:
    """Where `postgres`, who is no superuser, logs in."""
    home = Path(tempfile.mkdtemp(prefix="qls"))
    server = EmbeddedServer(home, binaries=binaries, durable=False, superuser="supabase_admin")
    try:
        with server as running:
            admin = running.url("supabase_admin", running.password, "postgres")
            _run(admin, SHAPE)
            for role in ("postgres", "authenticator"):
                _run(admin, f"alter role {role} password '{verifier(PASSWORD)}'")
            yield running.url("postgres", PASSWORD, "postgres")
    finally:
        shutil.rmtree(home)


def _run(url: URL, script: str) -> None:
    async def run() -> None:
        async with connect(url) as connection:
            await connection.execute(script)

    asyncio.run(run())
