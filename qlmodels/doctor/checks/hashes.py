"""Documents that are stored under more than one hash."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "hashes",
    why=(
        "A state that two clients hash in two ways has two rows for each action: each client "
        "learns alone, and finds nothing of what the other one learned."
    ),
)
