"""Servers older than any that the schema was made for."""

from qlmodels.doctor.check import SqlCheck

CHECK = SqlCheck(
    "server_version",
    why=(
        "Foreign keys set one column null from Postgres 15 on; an older server "
        "cannot hold the schema."
    ),
    values=(150_000,),
)
