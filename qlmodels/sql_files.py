"""SQL in `.sql` files, beside the code that runs it."""

from collections.abc import Callable
from functools import cache
from importlib import resources


def sql_of(package: str) -> Callable[[str], str]:
    """A reader of `sql/NAME.sql` in `package`, which reads each file once."""
    folder = resources.files(package) / "sql"

    @cache
    def read(name: str) -> str:
        return (folder / f"{name}.sql").read_text("utf-8")

    return read
