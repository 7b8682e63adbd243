"""Tables that are far larger than their rows, though no dead row is left in them."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "bloat",
    why=(
        "Vacuum makes room for rows to come and gives none back: scans read, and backups carry, "
        "pages that hold nothing. VACUUM FULL locks the table while it copies it."
    ),
    level="warning",
    values=(100_000_000, 0.5),
)
