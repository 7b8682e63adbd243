"""Transactions that have been open for long."""

from qlmodels.doctor.check import Question

CHECK = Question(
    "long_transactions",
    why=(
        "Vacuum keeps every row that the oldest transaction might still see, "
        "and migrations wait behind its locks."
    ),
    values=(15,),
    needs_owner=True,
)
