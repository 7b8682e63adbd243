"""Functions that clients of the original call by a bare name, and no longer find."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "moved_functions",
    why=(
        "The original had its extensions in schema public. SQL of its clients that calls their "
        "functions by a bare name fails after the adoption."
    ),
    level="warning",
    needs_owner=True,
)
