"""FastAPI's tutorial of SQL databases, step by step, with our classes in place of its heroes."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import selectinload
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

import qlmodels
from qlmodels import (
    AgentSession,
    AgentSessionRead,
    AgentType,
    AgentTypeCreate,
    AgentTypeRead,
    AgentTypeUpdate,
    create_engine,
)
from tests.conftest import Database
from tests.tables.test_idioms import CLASSES, ROWS


class AgentTypeWithSessions(AgentTypeRead):
    sessions: list[AgentSessionRead]


class SessionWithAgentType(AgentSessionRead):
    agent_type_row: AgentTypeRead


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(request.app.state.engine, expire_on_commit=False) as session:
        yield session


Open = Annotated[AsyncSession, Depends(get_session)]


def tutorial(engine: AsyncEngine) -> FastAPI:
    app = FastAPI()
    app.state.engine = engine

    @app.post("/agent-types/", response_model=AgentTypeRead)
    async def create(agent_type: AgentTypeCreate, session: Open) -> AgentType:
        row = AgentType.model_validate(agent_type)
        session.add(row)
        await session.commit()
        await session.refresh(row)
        return row

    @app.get("/agent-types/", response_model=list[AgentTypeRead])
    async def read_all(
        session: Open, offset: int = 0, limit: Annotated[int, Query(le=100)] = 100
    ) -> Any:
        query = select(AgentType).order_by(AgentType.agent_type).offset(offset).limit(limit)
        return (await session.exec(query)).all()

    @app.get("/agent-types/{name}", response_model=AgentTypeWithSessions)
    async def read_one(name: str, session: Open) -> AgentType:
        row = await session.get(AgentType, name, options=[selectinload(AgentType.sessions)])
        if row is None:
            raise HTTPException(status_code=404, detail="Agent type not found")
        return row

    @app.patch("/agent-types/{name}", response_model=AgentTypeRead)
    async def update(name: str, agent_type: AgentTypeUpdate, session: Open) -> AgentType:
        row = await session.get(AgentType, name)
        if row is None:
            raise HTTPException(status_code=404, detail="Agent type not found")
        row.sqlmodel_update(agent_type.model_dump(exclude_unset=True))
        session.add(row)
        await session.commit()
        await session.refresh(row)
        return row

    @app.delete("/agent-types/{name}")
    async def delete(name: str, session: Open) -> dict[str, bool]:
        row = await session.get(AgentType, name)
        if row is None:
            raise HTTPException(status_code=404, detail="Agent type not found")
        await session.delete(row)
        await session.commit()
        return {"ok": True}

    @app.get("/sessions/", response_model=list[SessionWithAgentType])
    async def read_sessions(session: Open) -> Any:
        query = select(AgentSession).options(selectinload(AgentSession.agent_type_row))
        return (await session.exec(query)).all()

    return app


@pytest.fixture
async def client(database: Database) -> AsyncIterator[AsyncClient]:
    engine = create_engine(database.superuser)
    async with AsyncSession(engine) as session:
        session.add(AgentSession(agent_type="test-generator", session_name="first"))
        await session.commit()
    transport = ASGITransport(tutorial(engine))
    async with AsyncClient(transport=transport, base_url="http://service") as client:
        yield client
    await engine.dispose()


async def test_the_steps_of_the_tutorial(client: AsyncClient) -> None:
    lake = {"agent_type": "lake-walker", "display_name": "Lake walker", "metadata": {"by": "me"}}
    created = await client.post("/agent-types/", json=lake)
    assert created.status_code == 200
    assert created.json().items() >= {**lake, "learning_rate": 0.1, "description": None}.items()
    assert created.json()["created_at"]

    names = [row["agent_type"] for row in (await client.get("/agent-types/")).json()]
    assert "lake-walker" in names
    assert names == sorted(names)
    page = (await client.get("/agent-types/", params={"offset": 1, "limit": 2})).json()
    assert [row["agent_type"] for row in page] == names[1:3]

    changed = await client.patch("/agent-types/lake-walker", json={"learning_rate": 0.5})
    assert changed.json().items() >= {**lake, "learning_rate": 0.5}.items()
    assert changed.json()["updated_at"] > created.json()["updated_at"]
    nulled = await client.patch("/agent-types/lake-walker", json={"retention_days": None})
    assert nulled.json()["retention_days"] is None

    read = (await client.get("/agent-types/test-generator")).json()
    assert [run["session_name"] for run in read["sessions"]] == ["first"]
    (run,) = (await client.get("/sessions/")).json()
    assert run["agent_type_row"]["display_name"] == "Test Generator"

    assert (await client.delete("/agent-types/lake-walker")).json() == {"ok": True}
    assert (await client.get("/agent-types/lake-walker")).status_code == 404
    assert (await client.patch("/agent-types/lake-walker", json={})).status_code == 404


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"display_name": None}, "display_name"),
        ({"learning_rate": 2}, "learning_rate"),
        ({"agent_type": "No name"}, "agent_type"),
        ({"created_at": "2026-01-01T00:00:00Z"}, "created_at"),
        ({"colour": "red"}, "colour"),
        ({"metadata": "\x00"}, "metadata"),
    ],
)
async def test_what_is_wrong_is_told_to_the_client(
    client: AsyncClient, change: dict[str, Any], place: str
) -> None:
    lake = {"agent_type": "lake-walker", "display_name": "Lake walker"}
    for answer in (
        await client.post("/agent-types/", json=lake | change),
        await client.patch("/agent-types/test-generator", json=change),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", place]


async def test_the_page_of_the_api_has_both_directions(client: AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert {"AgentTypeCreate", "AgentTypeUpdate", "AgentTypeRead"} <= schemas.keys()
    assert "metadata" in schemas["AgentTypeRead"]["properties"]
    assert schemas["AgentTypeCreate"]["required"] == ["agent_type", "display_name"]
    assert "required" not in schemas["AgentTypeUpdate"]


@CLASSES
async def test_any_of_the_seven_is_posted(database: Database, row: type[SQLModel]) -> None:
    """By routes that are made of its classes, as a service of another table would be."""
    create: Any = getattr(qlmodels, f"{row.__name__}Create")
    read: Any = getattr(qlmodels, f"{row.__name__}Read")
    engine = create_engine(database.superuser)
    app = FastAPI()

    @app.post("/", response_model=read)
    async def post(given: create) -> Any:  # pyright: ignore[reportInvalidTypeForm]
        async with AsyncSession(engine) as session:
            stored = row.model_validate(given)
            session.add(stored)
            await session.commit()
            await session.refresh(stored)
            return stored

    sent = ROWS[row] | ({"agent_type": "new-agent"} if row is AgentType else {})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://service") as client:
        answer = await client.post("/", json=sent)
    await engine.dispose()
    assert answer.status_code == 200
    expected = {**sent, "metadata": {}}
    assert {name: answer.json()[name] for name in expected} == expected
