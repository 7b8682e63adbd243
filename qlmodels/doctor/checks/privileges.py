"""What PUBLIC and anon may do, who should be able to do nothing."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "privileges",
    why="On Supabase the anon key is in every browser: whatever anon may do, everybody may.",
)
