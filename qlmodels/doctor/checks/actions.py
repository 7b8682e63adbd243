"""Agent types that are said to have more actions than they ever learned of."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "actions",
    why=(
        "Where a step names no legal actions, an action that does not exist counts as an untried "
        "one: every state is worth initial_q_value at least, however bad it is."
    ),
    level="warning",
)
