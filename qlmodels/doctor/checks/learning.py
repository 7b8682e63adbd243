"""Values that are learned but never read, and states that are asked for but never learned."""

from qlmodels.doctor.check import Question

CHECK = Question(
    "learning",
    why=(
        "An agent that never looks up what it learned, or never finds it, "
        "gains nothing from learning."
    ),
    level="advice",
    values=(100,),
)
