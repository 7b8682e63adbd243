"""Actions over all rows of a list: kept in the database, done in batches, told as they go.

A batch is one transaction, which the run's own progress is part of: so a run that was cut off
continues where it was, and its rows are changed once.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.datastructures import FormData, QueryParams
from wtforms import Form

from qlmodels.connection import read_transaction
from qlmodels.ddl.panel_tables import action_runs, users
from qlmodels.logins import PanelRole
from qlmodels.verdicts import agent_type_names
from qlmodels_admin.auth import PERMISSIONS, PanelUser
from qlmodels_admin.db import write_transaction
from qlmodels_admin.rows import Refused, database_refusal
from qlmodels_admin.tables import Action, InvalidList, TableView, narrowed_query
from qlmodels_admin.values import decode_key, encode_key, off_loop, typed_value

logger = logging.getLogger(__name__)

ROWS_A_BATCH = 500
STALE_AFTER = timedelta(minutes=1)
"""A run that has not moved for so long was cut off, and may be continued."""

RUN_RETENTION = timedelta(days=30)

Run = RowMapping
Status = Literal["running", "finished"]


async def create_run(
    engine: AsyncEngine,
    view: TableView,
    action: Action,
    user: PanelUser,
    filter_: str,
    form: FormData,
    total: int,
) -> UUID:
    """Keep what was asked for; nothing is done before `Runner.start`."""
    run = action_runs.c
    names = {*action.asks, *(f"{name}.null" for name in action.asks)}
    given = [[name, str(value)] for name, value in form.multi_items() if name in names]
    async with engine.begin() as connection:
        await connection.execute(
            delete(action_runs).where(
                run.changed_at < func.now() - RUN_RETENTION, run.status != "running"
            )
        )
        run_id: UUID | None = await connection.scalar(
            insert(action_runs)
            .values(
                user_name=user.name,
                user_role=None if user.is_own else user.role,
                table_name=view.identity,
                action=action.name,
                filter=filter_,
                input=given,
                total=total,
            )
            .returning(run.run_id)
        )
    assert run_id is not None  # noqa: S101  # RETURNING gives what was inserted
    return run_id


async def find_run(engine: AsyncEngine, run: UUID) -> Run | None:
    async with engine.connect() as connection:
        result = await connection.execute(
            select(
                action_runs,
                (action_runs.c.changed_at < func.now() - STALE_AFTER).label("is_stale"),
            ).where(action_runs.c.run_id == run)
        )
        return result.mappings().one_or_none()


async def set_status(
    engine: AsyncEngine, run: UUID, status: str, *, of: tuple[str, ...], message: str | None = None
) -> bool:
    """Return whether the run was in one of the statuses `of`, and so is in the other now."""
    async with engine.begin() as connection:
        done = await connection.execute(
            update(action_runs)
            .where(action_runs.c.run_id == run, action_runs.c.status.in_(of))
            .values(status=status, message=message, changed_at=func.now())
        )
    return done.rowcount > 0


async def form_of(view: TableView, action: Action, given: Any = None) -> Form:
    """The action's own form, with what was given before, if it was."""
    kind: type[Form] = await view.form_of(action.asks) if action.asks else Form
    if given is None:
        return kind()
    return await off_loop(kind, FormData([(str(name), str(value)) for name, value in given]))


def values_of(view: TableView, action: Action, form: Form) -> dict[str, Any]:
    """What was filled in, by the columns' names."""
    return {view.rows.columns[name].name: form._fields[name].data for name in action.asks}


async def narrowed(view: TableView, user: PanelUser, filter_: str) -> Any:
    """Return the rows of a list by its URL's query, as `user` sees them. Raises InvalidList."""
    async with read_transaction(view.engine) as connection:
        agent_types = await agent_type_names(connection)
    return narrowed_query(view, user, QueryParams(filter_), agent_types).query


class Runner:
    """Does runs in the background of this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    async def start(self, run: Run, view: TableView, action: Action) -> bool:
        """Return whether it was there to be started, or cut off and to be continued."""
        columns = action_runs.c
        async with self.engine.begin() as connection:
            started = await connection.execute(
                update(action_runs)
                .where(
                    columns.run_id == run["run_id"],
                    or_(
                        columns.status == "asked",
                        (columns.status == "running")
                        & (columns.changed_at < func.now() - STALE_AFTER),
                    ),
                )
                .values(status="running", changed_at=func.now())
            )
        if not started.rowcount:
            return False
        task = asyncio.create_task(self._work(run["run_id"], view, action))
        self._tasks[run["run_id"]] = task
        task.add_done_callback(lambda _: self._tasks.pop(run["run_id"], None))
        return True

    async def stop(self) -> None:
        """Leave what is not done for another time."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, run: UUID, view: TableView, action: Action) -> None:
        try:
            while await self._batch(run, view, action):
                pass
        except (Refused, InvalidList) as error:
            await self._failed(run, str(error))
        except (DBAPIError, OSError) as error:
            logger.error("An action failed.", exc_info=error)
            await self._failed(
                run,
                str(database_refusal(error, view.rows.table))
                if isinstance(error, DBAPIError)
                else "The database went away.",
            )

    async def _failed(self, run: UUID, message: str) -> None:
        try:
            await set_status(self.engine, run, "failed", of=("running",), message=message)
        except (DBAPIError, OSError) as error:
            logger.error("The failure of an action was not kept.", exc_info=error)

    async def _batch(self, run: UUID, view: TableView, action: Action) -> bool:
        """Return whether there is more to do. Raises Refused: then the batch did nothing."""
        owner = await find_run(self.engine, run)
        if owner is None:
            return False
        user, query = await self._asked(owner, view, action)
        form = await form_of(view, action, owner["input"])
        note = f"action {action.name}, run {run}"
        async with write_transaction(view.engine, user.name, note) as connection:
            locked = await _lock(connection, run)
            if locked is None:
                return False
            left = locked["total"] - locked["done"]
            chosen = await _next(connection, view, query, locked["place"], min(ROWS_A_BATCH, left))
            if not chosen:
                await _advance(connection, run, locked["done"], locked["place"], "finished")
                return False
            await apply(connection, view, action, form, chosen)
            done = locked["done"] + len(chosen)
            status: Status = "running" if done < locked["total"] else "finished"
            await _advance(connection, run, done, encode_key(chosen[-1], whole=True), status)
        return status == "running"

    async def _asked(self, run: Run, view: TableView, action: Action) -> tuple[PanelUser, Any]:
        """Who asked, if they still may, and the rows of their list. Raises Refused."""
        role: PanelRole | None = run["user_role"]
        if role is None:
            async with self.engine.connect() as connection:
                role = await connection.scalar(
                    select(users.c.role).where(users.c.name == run["user_name"], users.c.is_active)
                )
        if role is None or action.needs not in PERMISSIONS[role]:
            raise Refused(f"{run['user_name']} may not do this any more.")
        user = PanelUser(run["user_name"], role)
        return user, await narrowed(view, user, run["filter"])


async def apply(
    connection: AsyncConnection,
    view: TableView,
    action: Action,
    form: Form,
    chosen: list[tuple[Any, ...]],
) -> None:
    """Do the action to rows by their keys. Raises Refused."""
    values = values_of(view, action, form)
    statement = action.statement(view.rows.table, view.rows.are_rows(chosen), values)
    try:
        async with connection.begin_nested():
            await connection.execute(statement)
    except DBAPIError as error:
        raise database_refusal(error, view.rows.table) from error


async def _lock(connection: AsyncConnection, run: UUID) -> Run | None:
    result = await connection.execute(
        select(action_runs)
        .where(action_runs.c.run_id == run, action_runs.c.status == "running")
        .with_for_update()
    )
    return result.mappings().one_or_none()


async def _next(
    connection: AsyncConnection, view: TableView, query: Any, place: str | None, size: int
) -> list[tuple[Any, ...]]:
    """Keys of the next rows, in the order of the key, which nobody else may change meanwhile."""
    columns = view.rows.key_columns
    query = query.with_only_columns(*view.rows.read_key).order_by(*columns).limit(size)
    if place is not None:
        query = query.where(tuple_(*columns) > tuple_(*_bound(columns, place)))
    result = await connection.execute(query.with_for_update(of=view.rows.table))
    return [tuple(row) for row in result]


def _bound(columns: list[Any], place: str) -> list[Any]:
    values = decode_key(place, columns)
    return [typed_value(value, column) for value, column in zip(values, columns, strict=True)]


async def _advance(
    connection: AsyncConnection,
    run: UUID,
    done: int,
    place: str | None,
    status: Status,
) -> None:
    await connection.execute(
        update(action_runs)
        .where(action_runs.c.run_id == run)
        .values(done=done, place=place, status=status, changed_at=func.now())
    )
