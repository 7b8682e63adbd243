"""Extensions that lie where the API's callers may call their functions."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "extension_schema",
    why=(
        "Whatever may be executed in schema public is an endpoint of Supabase's API, and its "
        "names stand among one's own."
    ),
    level="warning",
    needs_owner=True,
)
