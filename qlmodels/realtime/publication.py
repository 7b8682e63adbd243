"""The publication that Supabase's Realtime reads; any Postgres has such.

It is no part of the schema: a server without logical decoding migrates as well, and on Supabase
the publication is the platform's and holds others' tables, which are left alone.
"""

from dataclasses import dataclass

import asyncpg

from qlmodels.errors import NotAllowed
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.realtime")

PUBLICATION = "supabase_realtime"
ALWAYS = "agent_states"
ON_DEMAND = "q_values"
REALTIME_COST = (
    "Realtime asks row-level security about each change for each subscriber, some 30 to 40 changes "
    "a second in all, and a DELETE is neither filtered nor checked: every subscriber gets its key."
)


@dataclass(frozen=True, slots=True)
class Published:
    """`wal_level` other than logical means that nothing is sent to anybody."""

    tables: tuple[str, ...]
    wal_level: str


async def turn_on(owner: asyncpg.Connection, *, q_values: bool = False) -> Published:
    """Publish agent_states, and q_values or not; COST says what that costs. Raises NotAllowed."""
    return await _carry(owner, {ALWAYS, ON_DEMAND} if q_values else {ALWAYS})


async def turn_off(owner: asyncpg.Connection) -> Published:
    """Publish none of our tables; the publication and others' tables stay. Raises NotAllowed."""
    return await _carry(owner, set())


async def published(owner: asyncpg.Connection) -> Published:
    """Which of our tables are published."""
    [row] = await owner.fetch(_sql("published"), PUBLICATION, [ALWAYS, ON_DEMAND])
    return Published(tuple(row["tables"]), row["wal_level"])


async def _carry(owner: asyncpg.Connection, wanted: set[str]) -> Published:
    try:
        async with owner.transaction():
            await owner.execute(_sql("create"))
            carried = set((await published(owner)).tables)
            for table in sorted(wanted - carried):
                await owner.execute(_sql(f"add_{table}"))
            for table in sorted(carried - wanted):
                await owner.execute(_sql(f"drop_{table}"))
            return await published(owner)
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotAllowed(
            f"This login may not say what publication {PUBLICATION} carries ({error}): let its "
            f"owner do it (`alter publication {PUBLICATION} add table public.{ALWAYS};`), or the "
            "dashboard (Database, Publications)."
        ) from error
    except asyncpg.ObjectNotInPrerequisiteStateError as error:
        raise NotAllowed(
            f"Publication {PUBLICATION} is for all tables, and {error}: drop it, and turn "
            "Realtime on again, to publish what is wanted alone."
        ) from error
    except asyncpg.UndefinedObjectError as error:
        raise NotAllowed(
            f"Publication {PUBLICATION} carries the whole schema public, of which no table can be "
            f"taken out ({error}): `alter publication {PUBLICATION} drop tables in schema public;` "
            "as its owner, and turn Realtime on again, to publish what is wanted alone."
        ) from error
