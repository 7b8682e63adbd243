"""Agent types whose updates nearly all go to one action."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "one_action",
    why=(
        "An agent that explores updates every action now and then. Where one takes nearly all "
        "updates, its writer does not know what was done, and the others are never learned."
    ),
    level="warning",
    values=(1000, 20, 0.98),  # visits, states, share of the visits
)
