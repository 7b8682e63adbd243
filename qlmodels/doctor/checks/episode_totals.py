"""Instances whose totals are not those of the recorded episodes."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "episode_totals",
    why=(
        "Totals that an instance counts in memory say what it did since it began, or what it meant "
        "to write. Where they differ much from the rows, one of both misleads who reads it."
    ),
    level="warning",
    values=(20, 2),  # episodes, and how many times more than the others
)
