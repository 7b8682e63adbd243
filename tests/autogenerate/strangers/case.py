"""Schemas of other projects: their models, version by version, and what is to come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, cast

HEAD = """\
from __future__ import annotations
import datetime, decimal, enum, sys, uuid
import sqlalchemy as sa
from sqlalchemy import *
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects.postgresql import (
    CITEXT, DOMAIN, ENUM, HSTORE, INT4RANGE, JSONB, TSTZRANGE, TSVECTOR, ExcludeConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from qlmodels.ddl import *
class Base(DeclarativeBase): pass
metadata = Base.metadata
"""
"""What a models.py begins with, before the model of a case."""

ENVIRONMENT = """\
import asyncio

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

import models
from qlmodels.autogenerate import run_migrations, write_migrations


async def main():
    engine = create_async_engine("URL")
    async with engine.connect() as connection:
        await connection.run_sync(run_migrations, target_metadata=models.metadata)
    await engine.dispose()


if context.is_offline_mode():
    write_migrations(target_metadata=models.metadata)
else:
    asyncio.run(main())
"""

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """A project and its database. SQL runs as the owner, who is no superuser, unless said."""

    name: str
    models: Sequence[str]
    """Versions of models.py; each is revised, upgraded to and checked, then all are undone."""
    by_superuser: Sequence[str] = ()
    """SQL in the empty database, before `by_owner`."""
    by_owner: Sequence[str] = ()
    meanwhile: Mapping[int, str] = field(default_factory=dict)
    """SQL as a superuser once the version of that number is reached."""
    environment: str = ENVIRONMENT
    """The env.py; URL stands for the owner's, by asyncpg."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What queries give when all is upgraded again; "" for any answer but an error."""
    never: Sequence[str] = ()
    """What no revision may hold."""
    must: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """What the revision of a version holds, in lower case."""
    revision_x: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """`-x` of the revision of a version."""
    upgrade_x: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """`-x` of the upgrade to a version."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Words of the sentence that ends a step, such as "2 upgrade"; there the case ends."""
    check: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Words of the differences that `check` finds after a version; elsewhere it finds none."""
    only_on: int | None = None
    """The major version of the only server that has what is needed."""
    missing: str = ""
    """Words of the sentence with which another one refuses the first revision."""
    offline: bool = True
    """Whether `upgrade --sql` can be run."""
    quick: bool = False
    """Whether it is run by default, for its kind."""
    note: str = ""

    def on(self, major: int) -> "Case":
        """The case as it is to be on a server of that version."""
        if self.only_on in {None, major}:
            return self
        return replace(self, by_superuser=(), refused={"1 revision": self.missing})


def all_cases() -> list[Case]:
    """Return the cases of every module in `cases`."""
    modules: list[Any] = [
        import_module(f"tests.autogenerate.strangers.cases.{path.stem}")
        for path in sorted(FOLDER.glob("*.py"))
    ]
    return [case for module in modules for case in cast(Sequence[Case], module.CASES)]
