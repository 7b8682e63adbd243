"""JSON Lines: a row is an object, in which a column that is NULL is left out."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg

from qlmodels.archive.layout import Layout
from qlmodels.files import OnRows

_BATCH_ROWS = 500
_BATCH_BYTES = 4 << 20


async def write(
    connection: asyncpg.Connection, layout: Layout, agents: list[str], path: Path, on_rows: OnRows
) -> int:
    """The server writes the text of a row, and Python looks at no value in it."""
    members = ", ".join(field.as_member for field in layout.fields)
    query = layout.select([f"'{{' || concat_ws(',', {members}) || '}}' as line"])
    rows = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        cursor = await connection.cursor(query, agents)
        while batch := await cursor.fetch(_BATCH_ROWS):
            file.writelines(f"{row['line']}\n" for row in batch)
            rows += len(batch)
            on_rows(len(batch))
    return rows


def read(path: Path) -> Iterator[list[str]]:
    """Batches of rows as JSON text."""
    batch: list[str] = []
    size = 0
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            batch.append(line)
            size += len(line)
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch
