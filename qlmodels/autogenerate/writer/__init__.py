"""Statements that make, unmake and change facts, where more is to be said than Postgres wrote."""

from qlmodels.autogenerate.writer import keys, privileges, tables, types
from qlmodels.autogenerate.writer.base import CannotWrite, Change, KindWriter, Statement
from qlmodels.autogenerate.writer.kinds import KIND_WRITERS

__all__ = [
    "KIND_WRITERS",
    "CannotWrite",
    "Change",
    "KindWriter",
    "Statement",
    "keys",
    "privileges",
    "tables",
    "types",
]
