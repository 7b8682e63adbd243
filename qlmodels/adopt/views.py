"""Views over the original's tables: dropped with them, and made again over ours."""

import json
from collections.abc import Sequence
from typing import Any, Final

from asyncpg.exceptions import PostgresError

from qlmodels.adopt.legacy_schema import LEGACY_TABLES, LEGACY_VIEWS
from qlmodels.files import sql_of

sql = sql_of("qlmodels.adopt")

REJECT: Final = """
insert into qlmodels_private.adopt_rejects (table_name, row_key, reason, original)
values ('(view)', $1, $2, $3)
"""


async def drop_views(driver: Any) -> Sequence[Any]:
    """Drop them, and return what `recreate_views` makes them of.

    Raises DependentObjectsStillExistError for one that something else than a view depends on.
    """
    views: Sequence[Any] = await driver.fetch(sql("views"), list(LEGACY_TABLES), list(LEGACY_VIEWS))
    for view in reversed(views):
        await driver.execute(f"drop {_kind(view)} {view['name']}")
    return views


async def recreate_views(driver: Any, views: Sequence[Any]) -> list[str]:
    """Make them again, each as far as it can be; notes of what came of them."""
    notes = []
    for view in views:
        try:
            async with driver.transaction():
                for command in _commands(view):
                    await driver.execute(command)
        except PostgresError as error:
            await driver.execute(REJECT, view["name"], str(error), json.dumps(dict(view)))
            notes.append(
                f"view {view['name']} could not be made again ({error}): its definition stands in "
                "qlmodels_private.adopt_rejects"
            )
        else:
            notes.append(
                f"materialized view {view['name']} is made again, without its privileges: it holds "
                "rows of every agent type"
                if view["is_materialized"]
                else f"view {view['name']} is made again, and reads as who asks it"
            )
    return notes


def _commands(view: Any) -> list[str]:
    options = "" if view["is_materialized"] else " with (security_invoker = true)"
    made = f"create {_kind(view)} {view['name']}{options} as {view['definition']}"
    more = view["indexes"] if view["is_materialized"] else view["grants"]
    return [made, *more, view["comment"]]


def _kind(view: Any) -> str:
    return "materialized view" if view["is_materialized"] else "view"
