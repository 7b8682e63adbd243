"""Extensions that the schema needs: whether they are there, and where."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "extensions",
    why=(
        "Without btree_gin no GIN index can begin with the agent type, and "
        "searches read whole tables."
    ),
)
