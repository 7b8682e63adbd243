"""A fleet that learns for real: tabular Q-learning on Gymnasium's classics, all in the database.

Four agent types beside the fleet's own, one of which cannot settle, each by its own login; every
action is chosen and every update made through `LearningStore`, and sessions, trajectories, rewards,
patterns and instances are recorded as a service would record them. What was learned is not
learned again: a second run continues where the first one stopped, and a finished one only reports.
"""

from qlmodels.demo.fleet import DemoRunning
from qlmodels.demo.instance import OnLearningStep
from qlmodels.demo.runner import TaskResult, remove, run
from qlmodels.demo.tasks import AGENT_TYPES, TASKS, Task
from qlmodels.demo.world import DemoNotInstalled

__all__ = [
    "AGENT_TYPES",
    "TASKS",
    "DemoNotInstalled",
    "DemoRunning",
    "OnLearningStep",
    "Task",
    "TaskResult",
    "remove",
    "run",
]
