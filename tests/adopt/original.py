"""Databases as the original made them, filled."""

from pathlib import Path

import asyncpg

FOLDER = Path(__file__).parent
FORMS = ("SQL file", "Alembic revision")
UUID_OSSP = "select true from pg_available_extensions where name = 'uuid-ossp'"


def script(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text("utf-8")


async def make_original(owner: asyncpg.Connection, form: str, *, scale: int, faulty: bool) -> None:
    """The original's schema with its 18 agent types, 1000 rows times `scale`, and faulty rows."""
    default = "gen_random_uuid()"
    if await owner.fetchval(UUID_OSSP):
        await owner.execute('create extension "uuid-ossp" schema public')
        default = "uuid_generate_v4()"
    await owner.execute(script("original_sql").replace("UUID_DEFAULT", default))
    if form == "Alembic revision":
        await owner.execute(script("original_alembic"))
    await owner.execute(script("seed"))
    await owner.execute(script("rows").replace("SCALE", str(scale)))
    if faulty:
        await owner.execute(script("faulty"))
