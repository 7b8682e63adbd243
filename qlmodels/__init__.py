"""The data layer of fleets of Q-learning agents on Postgres."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qlmodels.agent_types import copy_agent_type, create_agent_types, remove_agent_types
    from qlmodels.connection import create_engine, create_pool, open_pool
    from qlmodels.ddl import metadata
    from qlmodels.identity import acting_as
    from qlmodels.settings import Settings
    from qlmodels.store import Choice, Hashed, Learned, LearningStore, Transition
    from qlmodels.tables import (
        AgentSession,
        AgentSessionCreate,
        AgentSessionRead,
        AgentSessionUpdate,
        AgentState,
        AgentStateCreate,
        AgentStateRead,
        AgentStateUpdate,
        AgentType,
        AgentTypeCreate,
        AgentTypeRead,
        AgentTypeUpdate,
        Pattern,
        PatternCreate,
        PatternRead,
        PatternUpdate,
        QValue,
        QValueCreate,
        QValueRead,
        QValueUpdate,
        Reward,
        RewardCreate,
        RewardRead,
        RewardUpdate,
        Trajectory,
        TrajectoryCreate,
        TrajectoryRead,
        TrajectoryUpdate,
    )

    __version__: str

_HOMES = {
    "acting_as": "qlmodels.identity",
    "copy_agent_type": "qlmodels.agent_types",
    "create_agent_types": "qlmodels.agent_types",
    "remove_agent_types": "qlmodels.agent_types",
    "create_engine": "qlmodels.connection",
    "create_pool": "qlmodels.connection",
    "open_pool": "qlmodels.connection",
    "metadata": "qlmodels.ddl",
    "Settings": "qlmodels.settings",
    "Choice": "qlmodels.store",
    "Hashed": "qlmodels.store",
    "Learned": "qlmodels.store",
    "LearningStore": "qlmodels.store",
    "Transition": "qlmodels.store",
    "AgentSessionCreate": "qlmodels.tables",
    "AgentSessionRead": "qlmodels.tables",
    "AgentSessionUpdate": "qlmodels.tables",
    "AgentStateCreate": "qlmodels.tables",
    "AgentStateRead": "qlmodels.tables",
    "AgentStateUpdate": "qlmodels.tables",
    "AgentTypeCreate": "qlmodels.tables",
    "AgentTypeRead": "qlmodels.tables",
    "AgentTypeUpdate": "qlmodels.tables",
    "PatternCreate": "qlmodels.tables",
    "PatternRead": "qlmodels.tables",
    "PatternUpdate": "qlmodels.tables",
    "QValueCreate": "qlmodels.tables",
    "QValueRead": "qlmodels.tables",
    "QValueUpdate": "qlmodels.tables",
    "RewardCreate": "qlmodels.tables",
    "RewardRead": "qlmodels.tables",
    "RewardUpdate": "qlmodels.tables",
    "TrajectoryCreate": "qlmodels.tables",
    "TrajectoryRead": "qlmodels.tables",
    "TrajectoryUpdate": "qlmodels.tables",
    "AgentSession": "qlmodels.tables",
    "AgentState": "qlmodels.tables",
    "AgentType": "qlmodels.tables",
    "Pattern": "qlmodels.tables",
    "QValue": "qlmodels.tables",
    "Reward": "qlmodels.tables",
    "Trajectory": "qlmodels.tables",
}
"""Imported at first use: the command line starts without SQLAlchemy, Pydantic and the driver."""

__all__ = [
    "AgentSession",
    "AgentSessionCreate",
    "AgentSessionRead",
    "AgentSessionUpdate",
    "AgentState",
    "AgentStateCreate",
    "AgentStateRead",
    "AgentStateUpdate",
    "AgentType",
    "AgentTypeCreate",
    "AgentTypeRead",
    "AgentTypeUpdate",
    "Choice",
    "Hashed",
    "Learned",
    "LearningStore",
    "Pattern",
    "PatternCreate",
    "PatternRead",
    "PatternUpdate",
    "QValue",
    "QValueCreate",
    "QValueRead",
    "QValueUpdate",
    "Reward",
    "RewardCreate",
    "RewardRead",
    "RewardUpdate",
    "Settings",
    "Trajectory",
    "TrajectoryCreate",
    "TrajectoryRead",
    "TrajectoryUpdate",
    "Transition",
    "__version__",
    "acting_as",
    "copy_agent_type",
    "create_agent_types",
    "create_engine",
    "create_pool",
    "metadata",
    "open_pool",
    "remove_agent_types",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = import_module("importlib.metadata").version("qlmodels")
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
