"""The SQL of adoption: one step a file."""

from functools import cache
from importlib import resources


@cache
def sql(name: str) -> str:
    """The text of sql/`name`.sql."""
    return (resources.files("qlmodels.adopt") / "sql" / f"{name}.sql").read_text("utf-8")
