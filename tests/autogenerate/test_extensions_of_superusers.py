"""Extensions that only a superuser may create, in a project whose owner is none."""

import logging
import secrets
from asyncio import to_thread
from collections.abc import AsyncIterator

import pytest
from alembic.util import CommandError
from sqlalchemy import Column, Integer, MetaData, Table, Text

from qlmodels.connection import connect
from qlmodels.ddl import Extension, declare
from tests.autogenerate.project import Project
from tests.conftest import Database

pytestmark = [pytest.mark.newest_first, pytest.mark.usefixtures("nothing_kept")]

EXTENSION = "pageinspect"


@pytest.fixture
async def template(empty_database: Database) -> AsyncIterator[str]:
    """A template database as an administrator prepares it, and the extension in the live one."""
    name = f"prepared_{secrets.token_hex(4)}"
    create = f"create extension {EXTENSION}"
    async with connect(empty_database.superuser) as superuser:
        await superuser.execute(create)
        await superuser.execute(f"create database {name} is_template true")
        async with connect(empty_database.superuser.set(database=name)) as there:
            await there.execute(create)
        yield name
        await superuser.execute(f"alter database {name} is_template false")
        await superuser.execute(f"drop database {name} with (force)")


def _tools(*more: Column[str | None], declared: bool = True) -> MetaData:
    metadata = MetaData()
    Table("tools", metadata, Column("id", Integer, primary_key=True), *more)
    if declared:
        declare(metadata, Extension(EXTENSION))
    return metadata


async def test_scratch_is_a_copy_of_the_template(
    project: Project, template: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="alembic.qlmodels")
    project.settings["scratch_template"] = template
    await to_thread(project.migrate, _tools())
    await to_thread(project.migrate, _tools(Column("name", Text)))
    assert "embedded server" not in caplog.text


async def test_the_command_line_names_it_too(
    project: Project, template: str, caplog: pytest.LogCaptureFixture
) -> None:
    await to_thread(project.migrate, _tools(), f"scratch_template={template}")
    assert "embedded server" not in caplog.text


@pytest.mark.usefixtures("template")
async def test_an_embedded_server_serves_without_one(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    await to_thread(project.migrate, _tools())
    assert f"may not create extension {EXTENSION}" in caplog.text


@pytest.mark.usefixtures("template")
async def test_a_template_that_is_not_there_is_said(project: Project) -> None:
    project.settings["scratch_template"] = "nowhere"
    with pytest.raises(CommandError, match="no template database nowhere"):
        await to_thread(project.revise, _tools())


@pytest.mark.usefixtures("template")
async def test_an_undeclared_one_needs_nothing(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    await to_thread(project.migrate, _tools(declared=False))
    assert "embedded server" not in caplog.text
