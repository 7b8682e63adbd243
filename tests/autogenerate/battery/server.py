"""What the battery asks of a server: clones of a schema, SQL, and dumps to compare."""

import asyncio
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import URL, MetaData

from qlmodels.connection import connect
from qlmodels.ddl import metadata as fleet
from qlmodels.ddl.build import statements
from qlmodels.embedded import Binaries, RunningServer, provision
from tests.autogenerate.battery.cases import Schema
from tests.autogenerate.battery.workshop import metadata as workshop

DECLARED: dict[Schema, MetaData] = {"fleet": fleet, "workshop": workshop}
UNINHERITED: dict[Schema, str] = {
    "fleet": "revoke temporary on database :database from public",
    "workshop": "",
}
"""A clone of a database has none of its grants."""
FIXED = ("--restrict-key=battery",)
"""Else every dump carries a random word."""


@dataclass(frozen=True)
class Database:
    server: "Server"
    name: str

    @property
    def owner(self) -> URL:
        return self.server.owner.set(database=self.name)

    @property
    def superuser(self) -> URL:
        return self.server.superuser.set(database=self.name)

    def run(self, sql: str, *, by_superuser: bool = False) -> None:
        url = self.superuser if by_superuser else self.owner
        if sql:
            execute(url, [sql.replace(":database", self.name)])

    def build(self, schema: Schema) -> None:
        """Everything declared, made by the owner, who is no superuser."""
        execute(self.owner, statements(DECLARED[schema]))

    def schema(self) -> str:
        """A dump of it, with what belongs to the database itself."""
        return self.server.program("pg_dump", self.name, "--schema-only", "--create")

    def roles(self) -> str:
        """A dump of the server's roles and memberships."""
        return self.server.program("pg_dumpall", self.name, "--roles-only", "--no-role-passwords")


@dataclass(frozen=True)
class Server:
    binaries: Path
    major: int
    owner: URL
    superuser: URL

    @classmethod
    def of(cls, running: RunningServer, binaries: Binaries) -> Self:
        """A running server, where the owner is set up to make the product's database."""
        return cls(
            binaries.folder,
            running.major,
            asyncio.run(provision(running)),
            running.url(running.superuser, running.password, "postgres"),
        )

    def create(self, name: str) -> Database:
        self.maintain(f"create database {name}")
        return Database(self, name)

    def clone(self, origin: Database, schema: Schema, name: str) -> Database:
        self.maintain(f"create database {name} template {origin.name}")
        clone = Database(self, name)
        clone.run(UNINHERITED[schema])
        return clone

    def drop(self, database: Database) -> None:
        """By the superuser: before 16 nobody else may end an autovacuum worker."""
        command = f"drop database if exists {database.name} with (force)"
        execute(self.superuser.set(database="postgres"), [command])

    def maintain(self, command: str) -> None:
        execute(self.owner.set(database="postgres"), [command])

    def program(self, name: str, database: str, *arguments: str) -> str:
        """The output of pg_dump or pg_dumpall as superuser. Raises CalledProcessError."""
        url = self.superuser
        done = subprocess.run(
            [
                self.binaries / name,
                "-h",
                str(url.host),
                "-p",
                str(url.port),
                "-U",
                str(url.username),
                "-w",
                "-d",
                f"dbname={database}",
                *FIXED,
                *arguments,
            ],
            env={**os.environ, "PGPASSWORD": url.password or ""},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


def execute(url: URL, commands: Iterable[str]) -> None:
    """Several commands are one transaction; one may hold several statements."""

    async def run() -> None:
        async with connect(url) as connection:
            wanted = list(commands)
            if len(wanted) == 1:
                await connection.execute(wanted[0])
                return
            async with connection.transaction():
                for command in wanted:
                    await connection.execute(command)

    asyncio.run(run())
