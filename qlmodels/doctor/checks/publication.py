"""Whether Realtime is told of what it should be told of."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "publication",
    why=(
        "Realtime follows the publication supabase_realtime: a table that is "
        "not in it sends no event."
    ),
    level="warning",
)
