"""Agent types whose instances report episodes of which no row is there."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "nothing_written",
    why=(
        "Counts of an instance come from its memory. Without a pair or an episode in the database "
        "nothing of what it did is kept, whatever it reports."
    ),
    level="warning",
    values=(20,),  # episodes
)
