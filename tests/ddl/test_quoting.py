"""Names are quoted as Postgres quotes them, so that they compare with what it prints."""

import pytest

from qlmodels.connection import connect
from qlmodels.ddl.quoting import identifier
from tests.conftest import Database

NAMES = ("old", "new", "time", "values", "json", "a b", "A", "ä", "a$", "1a", "_a1", 'a"b', "", "%")
KEYWORDS_OF = 180000
KEYWORDS = "select word, quote_ident(word) from pg_get_keywords()"
QUOTED = "select name, quote_ident(name) from unnest($1::text[]) as name"


@pytest.mark.newest_first
async def test_identifiers_are_quoted_as_the_server_does(database: Database) -> None:
    async with connect(database.owner) as connection:
        version = int(
            await connection.fetchval("select current_setting('server_version_num')") or 0
        )
        rows = [*await connection.fetch(KEYWORDS), *await connection.fetch(QUOTED, [*NAMES])]
    for word, quoted in rows:
        later_keyword = {f'"{word}"'} if version < KEYWORDS_OF else set()
        assert identifier(word) in {quoted} | later_keyword
