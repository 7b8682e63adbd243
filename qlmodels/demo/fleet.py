"""The demo's agent types, their logins, and their end: the owner's part."""

import secrets
from contextlib import AbstractAsyncContextManager

import asyncpg
from sqlalchemy import URL

from qlmodels import logins
from qlmodels.advisory_locks import AdvisoryLock
from qlmodels.connection import exclusive
from qlmodels.demo.tasks import AGENT_TYPES, TASKS, Task
from qlmodels.errors import QLModelsError
from qlmodels.files import sql_of

_sql = sql_of("qlmodels.demo")


class DemoRunning(QLModelsError):
    """Another demo runs in this database: wait for its end, or stop it."""


def alone(owner: URL) -> AbstractAsyncContextManager[None]:
    """Keep a second demo out during the block. Raises DemoRunning."""
    return exclusive(owner, AdvisoryLock.DEMO, DemoRunning)


async def create_agent(owner: asyncpg.Connection, task: Task) -> str:
    """Make the agent type and its login where they are missing; the login's new password.

    An agent type that is there keeps its hyperparameters, an operator's changes included.
    """
    columns = {"display_name": task.display_name, "description": task.description}
    await owner.execute(
        _sql("create_agents"),
        task.agent_type,
        *columns.values(),
        task.environment,
        *(task.hyperparameters.get(name, 0.0) for name in _RATES),
        *(int(task.hyperparameters[name]) for name in _DIMENSIONS),
    )
    await owner.execute(_sql("delete_orphans"), task.agent_type)
    password = secrets.token_urlsafe(24)
    try:
        login = await logins.create(owner, "agent", task.agent_type, password)
    except logins.LoginExists:
        await logins.rotate(owner, login := f"ql_{task.agent_type}", password)
    # each step waits for the one before: a crash may cost the last moments, not the consistency
    hasty = "select format('alter role %I set synchronous_commit = off', $1::text)"
    await owner.execute(str(await owner.fetchval(hasty, login)))
    return password


async def steps_done(pool: asyncpg.Pool, task: Task) -> int:
    """How many learning steps the Q-table of a task has behind it, by the agent's own login."""
    return int(await pool.fetchval(_sql("progress"), task.agent_type) or 0)


async def remove_agents(owner: asyncpg.Connection) -> int:
    """Delete the demo's agent types, logins and rows; return the number of rows."""
    async with owner.transaction():
        known = {login.name for login in await logins.list_logins(owner)}
        for task in TASKS:
            if f"ql_{task.agent_type}" in known:
                await logins.drop(owner, f"ql_{task.agent_type}")
        return int(await owner.fetchval(_sql("remove_agents"), list(AGENT_TYPES)) or 0)


_RATES = (
    "learning_rate",
    "learning_rate_decay",
    "min_learning_rate",
    "discount_factor",
    "exploration_rate",
    "min_exploration_rate",
    "initial_q_value",
)
_DIMENSIONS = ("state_space_dimensions", "action_space_dimensions")
