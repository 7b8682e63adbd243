"""What clients of the original do, step by step, and the table of docs/original-guide.md on it.

`python -m tests.support.original_client` writes it; test_client_steps.py says when it has to be.
"""

import asyncio
import json
import re
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from asyncpg.exceptions import PostgresError
from sqlalchemy import URL

from qlmodels import migrate
from qlmodels.adopt import adopt
from qlmodels.connection import connect
from qlmodels.embedded import EmbeddedServer, find_binaries, provision
from tests.adopt.original import make_original
from tests.conftest import Cluster, Database, fresh_database, make_test_logins

PAGE = Path(__file__).parents[2] / "docs" / "original-guide.md"
HEADING = "## Step by step\n"
END = "\n## "
AGENT = "test-generator"
AS_AGENT = f"?app.agent_type={AGENT}"
"""The end of an orchestrator's URL."""

LOGINS = {"agent": f"ql_{AGENT}", "orchestrator": "qlfleet_test", "owner": None}
MAY_ACT_AS = "insert into qlmodels_private.fleet_grants (login, agent_type) values ($1, $2)"
"""As `qlmodels login create --fleet` does, for a login that the server has already."""

PASSES = "yes"
PRIMARY_KEY = """
select string_agg(quote_ident(attname), ', ' order by attnum)
  from pg_index
  join pg_attribute on attrelid = indrelid and attnum = any (indkey)
 where indrelid = $1::text::regclass
   and indisprimary
"""

Outcomes = Mapping[str, str]
"""By step: `yes`, the SQLSTATE of its refusal, or `no rows`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a client does; see original_steps.sql."""

    name: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    async def run(self, client: asyncpg.Connection) -> bool:
        """Return whether it answered what it must. Raises what the server refuses."""
        if target := self.headers.get("upsert"):
            for _ in range(2):  # of a row that is not there, and of one that is
                await upsert(client, target, self.body)
            return True
        *before, last = self.body.split(";\n")
        for statement in before:
            await client.execute(statement)
        return len(await client.fetch(last)) >= int(self.headers.get("rows", 0))


POOL = Step("pool of 5 to 20 connections", "")


def steps() -> list[Step]:
    text = Path(__file__).with_name("original_steps.sql").read_text("utf-8")
    found = [POOL]
    for part in text.split("-- step: ")[1:]:
        name, rest = part.split("\n", 1)
        headers = dict(re.findall(r"^-- (rows|why|upsert): (.*)\n", rest, re.MULTILINE))
        body = re.sub(r"^-- .*\n", "", rest, flags=re.MULTILINE).strip().removesuffix(";")
        found.append(Step(name, body, headers))
    return found


async def upsert(client: asyncpg.Connection, target: str, row: str) -> None:
    """As PostgREST writes what supabase-js sends by `.upsert()`: every column of the payload."""
    table, _, key = target.partition(" on ")
    columns = list(json.loads(row))
    listed = ", ".join(columns)
    await client.execute(
        f"insert into {table} ({listed})"
        f" select {listed} from json_populate_record(null::{table}, $1::text::json)"
        f" on conflict ({key or await client.fetchval(PRIMARY_KEY, table)})"
        f" do update set {', '.join(f'{name} = excluded.{name}' for name in columns)}",
        row,
    )


async def outcomes(url: str) -> Outcomes:
    """Run every step, each in a transaction of its own, as a client that connects by `url`."""
    found = {}
    async with asyncpg.create_pool(url, min_size=5, max_size=20, command_timeout=60):
        found[POOL.name] = PASSES
    client = await asyncpg.connect(url)
    try:
        for step in steps()[1:]:
            try:
                found[step.name] = PASSES if await step.run(client) else "no rows"
            except PostgresError as error:
                found[step.name] = str(error.as_dict()["sqlstate"])
    finally:
        await client.close()
    return found


async def measure(cluster: Cluster) -> Mapping[str, Outcomes]:
    """By column of the table: a database of the original, a fresh one and an adopted one."""
    async with AsyncExitStack() as databases:
        original = await databases.enter_async_context(fresh_database(cluster, ""))
        async with connect(original.owner) as owner:
            await make_original(owner, "SQL file", scale=1, faulty=False)
        found = {"original": await _of_copy(cluster, original.name, "owner")}
        await asyncio.to_thread(adopt, original.owner)
        async with connect(original.owner) as owner:
            await owner.execute(MAY_ACT_AS, LOGINS["orchestrator"], AGENT)
        for name, template in (("fresh", cluster.template.database), ("adopted", original.name)):
            for login in LOGINS:
                found[f"{name}: {login}"] = await _of_copy(cluster, str(template), login)
    return found


async def _of_copy(cluster: Cluster, template: str, login: str) -> Outcomes:
    async with fresh_database(cluster, f"template {template}") as copy:
        return await outcomes(url_of(copy, login))


def url_of(database: Database, login: str) -> str:
    name = LOGINS[login]
    url: URL = database.owner if name is None else database.url(name)
    text = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return text + AS_AGENT if login == "orchestrator" else text


def table(found: Mapping[str, Outcomes]) -> str:
    """The rows of the page, and how many steps pass in each column."""
    lines = [f"| step | {' | '.join(found)} | why |", f"|-|{'-|' * len(found)}-|"]
    for step in steps():
        cells = [column[step.name] for column in found.values()]
        why = step.headers.get("why", "") if set(cells) != {PASSES} else ""
        lines.append(f"| {step.name} | {' | '.join(cells)} | {why} |")
    passed = [str(list(column.values()).count(PASSES)) for column in found.values()]
    lines.append(f"| of {len(steps())} steps pass | {' | '.join(passed)} | |")
    return "\n".join(lines)


def written(page: str, rows: str) -> str:
    """The page with these rows in place of its table."""
    before, heading, rest = page.partition(HEADING)
    section, end, after = rest.partition(END)
    words, _, _ = section.partition("\n| step |")
    return f"{before}{heading}{words}\n{rows}\n{end}{after}"


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="qlt") as home,
        EmbeddedServer(Path(home), binaries=find_binaries(), durable=False) as running,
    ):
        owner = asyncio.run(provision(running))
        migrate.upgrade(owner)
        asyncio.run(make_test_logins(owner))
        found = asyncio.run(measure(Cluster(running, owner)))
    PAGE.write_text(written(PAGE.read_text("utf-8"), table(found)), "utf-8")


if __name__ == "__main__":
    main()
