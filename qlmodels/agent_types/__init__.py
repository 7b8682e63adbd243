"""Agent types, many at a time: created with their logins, copied, and removed with their rows."""

from qlmodels.agent_types.creating import copy_agent_type, create_agent_types
from qlmodels.agent_types.errors import AgentTypeExists, AgentTypeInUse
from qlmodels.agent_types.removing import (
    RemovedAgentTypes,
    remove_agent_types,
    remove_unused_agent_types,
    require_agent_types,
)

__all__ = [
    "AgentTypeExists",
    "AgentTypeInUse",
    "RemovedAgentTypes",
    "copy_agent_type",
    "create_agent_types",
    "remove_agent_types",
    "remove_unused_agent_types",
    "require_agent_types",
]
