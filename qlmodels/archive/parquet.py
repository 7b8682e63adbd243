"""Parquet: documents are JSON text, uuids are text, moments are microseconds of UTC."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg

from qlmodels.archive.errors import NotExportable, ParquetMissing
from qlmodels.archive.layout import Field, FieldKind, Layout
from qlmodels.files import OnRows

_ROWS_A_FETCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SELECTED: dict[FieldKind, str] = {
    "text": "{}::text",
    "uuid": "{}::text",
    "number": "{}::double precision",
    "integer": "{}::bigint",
    "flag": "{}",
    "moment": "(extract(epoch from {}) * 1000000)::bigint",
    "document": "{}::text",
    "texts": "{}",
}


def pyarrow() -> Any:
    """Raises ParquetMissing."""
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise ParquetMissing from error
    return import_module("pyarrow")


async def write(
    connection: asyncpg.Connection, layout: Layout, agents: list[str], path: Path, on_rows: OnRows
) -> int:
    """Row group by row group, so that memory holds one of them. Raises NotExportable."""
    arrow = pyarrow()
    schema = arrow.schema([(field.name, _type(arrow, field.kind)) for field in layout.fields])
    query = layout.select([_SELECTED[field.kind].format(field.quoted) for field in layout.fields])
    rows = 0
    with arrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        try:
            cursor = await connection.cursor(query, agents)
            while batch := await cursor.fetch(_ROWS_A_FETCH):
                columns = [
                    arrow.array(values, arrow.int64()).cast(kind)
                    if field.kind == "moment"
                    else arrow.array(values, kind)
                    for field, kind, values in zip(
                        layout.fields, schema.types, zip(*batch, strict=True), strict=True
                    )
                ]
                writer.write_table(arrow.Table.from_arrays(columns, schema=schema))
                rows += len(batch)
                on_rows(len(batch))
        except (asyncpg.FeatureNotSupportedError, asyncpg.NumericValueOutOfRangeError) as error:
            raise NotExportable(
                f"Table {layout.name} holds a moment that Parquet cannot keep ({error}): "
                "export as JSON Lines."
            ) from error
    return rows


def read(path: Path, layout: Layout) -> Iterator[list[str]]:
    """Batches of rows as JSON text, as `json_lines.read` gives them."""
    arrow = pyarrow()
    writers = [_member(field) for field in layout.fields]
    with arrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(
            _ROWS_A_FETCH, columns=[field.name for field in layout.fields]
        ):
            columns = [
                (column.cast(arrow.int64()) if field.kind == "moment" else column).to_pylist()
                for field, column in zip(layout.fields, batch.columns, strict=True)
            ]
            yield [_line(writers, row) for row in zip(*columns, strict=True)]


def _type(arrow: Any, kind: FieldKind) -> Any:
    match kind:
        case "number":
            return arrow.float64()
        case "integer":
            return arrow.int64()
        case "flag":
            return arrow.bool_()
        case "moment":
            return arrow.timestamp("us", tz="UTC")
        case "texts":
            return arrow.list_(arrow.string())
        case "text" | "uuid" | "document":
            return arrow.string()


def _line(writers: Sequence[Callable[[Any], str]], row: Sequence[Any]) -> str:
    members = (write(value) for write, value in zip(writers, row, strict=True) if value is not None)
    return "{" + ",".join(members) + "}"


def _member(field: Field) -> Callable[[Any], str]:
    name = field.name_in_json
    match field.kind:
        case "document":
            return lambda value: f"{name}:{value}"
        case "moment":
            return lambda value: f'{name}:"{(_EPOCH + timedelta(microseconds=value)).isoformat()}"'
        case _:
            return lambda value: f"{name}:{json.dumps(value)}"
