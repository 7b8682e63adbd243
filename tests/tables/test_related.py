"""Paths between the seven classes: read only, loaded on request, else a sentence."""

import json
import pickle
import re
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import configure_mappers, joinedload, raiseload, selectinload, subqueryload
from sqlmodel import Session, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

import qlmodels
from qlmodels import AgentSession, AgentState, AgentType, Pattern, QValue, Reward, Trajectory
from qlmodels.connection import engine_at
from tests.conftest import Database
from tests.tables.test_idioms import AGENT, ROWS

configure_mappers()
PATHS = [path for row in ROWS for path in inspect(row).relationships]
REFERENCES = {
    (table.name, reference.referred_table.name)
    for table in qlmodels.metadata.tables.values()
    for reference in table.foreign_key_constraints
    if table.schema is None
}
EACH_PATH = pytest.mark.parametrize("path", PATHS, ids=str)


def sample(row: type[Any], **more: Any) -> Any:
    return row(**ROWS[row] | more)


def family() -> list[Any]:
    """Rows that refer to each other, and none of them twice to the same."""
    run = AgentSession(agent_type=AGENT, agent_instance_id="i")
    episode = sample(Trajectory, session_id=run.session_id)
    parent = sample(Pattern)
    child = sample(Pattern, version=2, parent_pattern_id=parent.pattern_id)
    return [
        run,
        episode,
        sample(QValue, session_id=run.session_id),
        sample(Reward, session_id=run.session_id, trajectory_id=episode.trajectory_id, step=0),
        parent,
        child,
        sample(AgentState),
        AgentSession(agent_type="security-scanner", agent_instance_id="i"),
        sample(Pattern, agent_type="security-scanner"),
    ]


@pytest.fixture
async def stored(database: Database) -> Database:
    async with engine_at(database.superuser) as engine, AsyncSession(engine) as session:
        for row in family():
            session.add(row)
            await session.flush()
        await session.commit()
    return database


def expected(path: Any, row: Any, others: list[Any]) -> set[tuple[Any, ...]]:
    return {
        inspect(other).identity
        for other in others
        if all(
            getattr(row, path.parent.get_property_by_column(ours).key)
            == getattr(other, path.mapper.get_property_by_column(theirs).key)
            for ours, theirs in path.local_remote_pairs
        )
    }


def identities(value: Any) -> set[tuple[Any, ...]]:
    rows = value if isinstance(value, list) else [value]
    return {inspect(row).identity for row in rows if row is not None}


def test_every_reference_is_a_path_in_both_directions() -> None:
    paths = {(path.parent.class_.__tablename__, path.mapper.class_.__tablename__) for path in PATHS}
    assert paths >= REFERENCES | {(other, table) for table, other in REFERENCES}
    assert all(path.viewonly and path.lazy == "raise" for path in PATHS)


@pytest.mark.parametrize("load", [selectinload, joinedload, subqueryload], ids=lambda f: f.__name__)
async def test_each_path_leads_to_the_rows_that_belong(stored: Database, load: Any) -> None:
    async with engine_at(stored.superuser) as engine:
        for path in PATHS:
            async with AsyncSession(engine) as session:
                others = list(await session.exec(select(path.mapper.class_)))
                option = load(path.class_attribute)
                query = select(path.parent.class_).options(option)
                rows = (await session.exec(query)).unique().all()
                found = [identities(getattr(row, path.key)) for row in rows]
                assert found == [expected(path, row, others) for row in rows], path
                assert any(found), path


@EACH_PATH
def test_what_is_not_loaded_says_which_option_loads_it(path: Any) -> None:
    row = path.parent.class_(**ROWS[path.parent.class_])
    state = inspect(row)
    state.key = path.parent.identity_key_from_instance(row)
    with pytest.raises(InvalidRequestError, match=re.escape(f"{path} is not loaded")) as refused:
        getattr(row, path.key)
    assert f".options(selectinload({path}))" in str(refused.value)


def advice(error: BaseException) -> Any:
    """The query that a message advises."""
    (code,) = re.findall(r"select\(.*\)", str(error))
    return eval(code, vars(qlmodels) | {"select": select, "selectinload": selectinload})  # noqa: S307


async def test_the_advice_works_at_any_depth(stored: Database) -> None:
    """Follow it from an agent type to rewards, until nothing is refused."""
    asked: list[str] = []
    query: Any = select(AgentType).where(AgentType.agent_type == AGENT)
    async with engine_at(stored.superuser) as engine:
        while True:
            async with AsyncSession(engine) as session:
                (kind,) = (await session.exec(query.where(AgentType.agent_type == AGENT))).all()
                try:
                    reward = kind.sessions[0].trajectories[0].rewards[0]
                    break
                except InvalidRequestError as error:
                    asked.append(str(error))
                    query = advice(error)
    assert len(asked) == 3
    assert reward.step == 0


def test_a_synchronous_session_follows_them(stored: Database) -> None:
    engine = create_engine(stored.superuser.set(drivername="postgresql+psycopg"))
    with Session(engine) as session:
        query = select(Pattern).options(selectinload(Pattern.children))
        grown = [row for row in session.exec(query) if row.children]
        with pytest.raises(InvalidRequestError, match=r"selectinload\(Pattern.parent\)"):
            _ = grown[0].parent
    engine.dispose()
    assert [child.version for child in grown[0].children] == [2]


async def test_a_row_that_left_its_session_says_the_same(stored: Database) -> None:
    async with engine_at(stored.superuser) as engine, AsyncSession(engine) as session:
        run = (await session.exec(select(AgentSession))).first()
    assert run is not None
    with pytest.raises(InvalidRequestError, match=r"selectinload\(AgentSession.trajectories\)"):
        _ = run.trajectories


async def test_a_row_at_hand_is_completed_by_refresh(stored: Database) -> None:
    async with engine_at(stored.superuser) as engine, AsyncSession(engine) as session:
        kind = await session.get_one(AgentType, AGENT)
        await session.refresh(kind, ["patterns"])
        assert len(kind.patterns) == 2


async def test_what_is_loaded_disturbs_nothing(stored: Database) -> None:
    async with engine_at(stored.superuser) as engine, AsyncSession(engine) as session:
        query = select(AgentType).options(selectinload(AgentType.sessions), raiseload("*"))
        loaded = (await session.exec(query.where(AgentType.agent_type == AGENT))).one()
        plain = AgentType.model_validate(loaded.model_dump())
        assert loaded.model_dump() == plain.model_dump()
        assert json.loads(loaded.model_dump_json()) == json.loads(plain.model_dump_json())
        assert AgentType.model_validate(loaded).model_dump() == plain.model_dump()
        assert "sessions" not in repr(loaded)
        copied = pickle.loads(pickle.dumps(loaded))  # noqa: S301
        assert len(copied.sessions) == 1
        assert not session.dirty


def test_nothing_is_written_through_them() -> None:
    kind = sample(AgentType)
    run = sample(AgentSession)
    with pytest.raises(InvalidRequestError, match=r"AgentType\.sessions shows rows"):
        kind.sessions.append(run)
    with pytest.raises(InvalidRequestError, match=r"AgentType\.sessions shows rows"):
        setattr(kind, "sessions", [])  # noqa: B010
    with pytest.raises(InvalidRequestError, match=r"AgentSession\.agent_state shows rows"):
        setattr(run, "agent_state", sample(AgentState))  # noqa: B010
    with pytest.raises(ValueError, match="sessions"):
        sample(AgentType, sessions=[])


def test_they_are_no_fields_and_no_names_of_others() -> None:
    for row in ROWS:
        paths = {path.key for path in inspect(row).relationships}
        assert not paths & row.model_fields.keys()
        assert not paths & row.model_json_schema()["properties"].keys()
    assert not {row.__name__ for row in ROWS} & set(SQLModel._sa_registry._class_registry)
    assert isinstance(SQLModel.metadata, MetaData)
    assert not SQLModel.metadata.tables.keys() & {row.__tablename__ for row in ROWS}
