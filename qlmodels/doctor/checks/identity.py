"""Whether the owner's login sees the rows that it is to migrate, purge and export."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "identity",
    why=(
        "Row-level security is forced on the owner too; without the membership "
        "it sees no row, and says nothing."
    ),
    needs_owner=True,
)
