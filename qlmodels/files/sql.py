"""SQL in `.sql` files, beside the code that runs it."""

from collections.abc import Callable
from functools import cache
from importlib import resources


def sql_of(package: str) -> Callable[[str], str]:
    """Return a reader of `NAME.sql` in `package`, or in its folder `sql` where it has one."""
    folder = resources.files(package)
    folder = folder / "sql" if (folder / "sql").is_dir() else folder

    @cache
    def read(name: str) -> str:
        return (folder / f"{name}.sql").read_text("utf-8")

    return read
