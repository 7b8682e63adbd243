"""Statements that make, unmake and change facts, where more is to be said than Postgres wrote."""

from qlmodels.autogenerate.writer import privileges, tables, types
from qlmodels.autogenerate.writer.base import CannotWrite, Change, Kind, Statement
from qlmodels.autogenerate.writer.kinds import KINDS, inline_order

__all__ = [
    "KINDS",
    "CannotWrite",
    "Change",
    "Kind",
    "Statement",
    "inline_order",
    "privileges",
    "tables",
    "types",
]
