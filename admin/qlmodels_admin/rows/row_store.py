"""Changing rows: exactly what was changed in the form, in one transaction, or nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    Table,
    Text,
    and_,
    cast,
    delete,
    insert,
    literal,
    null,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Null
from sqlmodel import SQLModel
from wtforms import Form

from qlmodels.errors import ConfigurationError
from qlmodels_admin.mapping import (
    columns_of,
    key_names,
    mapper_of,
    single_table_condition,
    tables_of,
)
from qlmodels_admin.rows import errors as refusals
from qlmodels_admin.rows.errors import Gone, Refused
from qlmodels_admin.rows.form_snapshot import FormSnapshot, changed_fields
from qlmodels_admin.rows.relations import show
from qlmodels_admin.values import dump_json, encode_key, off_loop, plain_value

Values = dict[str, Any]


class RestoredRow(Insert):
    """An INSERT that brings its own values for columns that the server would number itself."""

    inherit_cache = True


@compiles(RestoredRow)
def _put_back(statement: RestoredRow, compiler: Any, **options: Any) -> str:
    text: str = compiler.visit_insert(statement, **options)
    return re.sub(r"\) (VALUES \(|SELECT )", r") OVERRIDING SYSTEM VALUE \1", text, count=1)


class RowStore:
    """The rows of one model, by the names of its attributes."""

    def __init__(self, model: type) -> None:
        self.model = model
        self.mapper = mapper_of(model)
        if not isinstance(self.mapper.local_table, Table):
            raise ConfigurationError(
                f"{model.__name__} is mapped to a query. Map it to a table, or to a view of the "
                "database that has this query."
            )
        self.table: Table = self.mapper.local_table
        self.tables = tables_of(self.mapper)
        """Those that a row is in, that of the base class first; more than one by inheritance."""
        for table in self.tables:
            show(table)
        self.columns = dict(columns_of(self.mapper))
        self.key = key_names(self.mapper)
        self.condition = single_table_condition(self.mapper)
        """Which rows of the table are of this model; None for all."""

    @property
    def is_inherited(self) -> bool:
        """Whether a row is in several tables."""
        return len(self.tables) > 1

    @property
    def key_columns(self) -> list[Column[Any]]:
        """The columns of the key in the model's own table."""
        return [self.columns_in(self.table)[name] for name in self.key]

    def columns_in(self, table: Table) -> dict[str, Column[Any]]:
        """Return the columns of one of the tables by the names of their attributes."""
        return {
            prop.key: column
            for prop in self.mapper.column_attrs
            for column in prop.columns
            if isinstance(column, Column) and column.table is table
        }

    def is_row(self, key: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition that the row of a key meets."""
        columns = self.key_columns
        same = [column == value for column, value in zip(columns, key, strict=True)]
        return and_(*same, *([] if self.condition is None else [self.condition]))

    async def read(
        self, connection: AsyncConnection, key: Sequence[Any], *, lock: bool = False
    ) -> Values | None:
        query = select(*(column.label(name) for name, column in self.columns.items()))
        query = query.select_from(self.mapper.persist_selectable).where(self.is_row(key))
        result = await connection.execute(query.with_for_update() if lock else query)
        row = result.mappings().one_or_none()
        return None if row is None else dict(row)

    async def insert(self, connection: AsyncConnection, form: Form) -> tuple[Any, ...]:
        """Insert what the form has; what it left blank is the database's default.

        Gives the key. Raises Refused.
        """
        values = {
            name: part.data
            for name, part in form._fields.items()
            if part.data is not None and name in self.columns
        }
        if self.mapper.polymorphic_on is not None:
            kind = self.mapper.get_property_by_column(self.mapper.polymorphic_on).key
            values.setdefault(kind, self.mapper.polymorphic_identity)
        await off_loop(self.check, values, set(form._fields))
        await self._check_documents(connection, values)
        key: tuple[Any, ...] = ()
        for table in self.tables:
            values |= dict(zip(self.key, key, strict=False))
            columns = self.columns_in(table)
            own = await off_loop(self._stored, values, columns)
            returned = [columns[name] for name in self.key]
            key = await self._run(connection, insert(table).values(own).returning(*returned))
        return key

    async def update(
        self, connection: AsyncConnection, key: Sequence[Any], form: Form, opened: FormSnapshot
    ) -> set[str]:
        """Write the fields of `form` that are not as they were `opened`; gives their names.

        A row that changed in the meantime is left alone, unless the person saw how, and chose.
        Raises Gone, Conflict, Refused.
        """
        row = await self.read(connection, key, lock=True)
        if row is None:
            raise Gone
        changed = await off_loop(changed_fields, form, row, opened)
        values = {name: form._fields[name].data for name in changed}
        if not values:
            return set()
        await self.write(connection, key, {**row, **values}, changed)
        return changed

    async def write(
        self, connection: AsyncConnection, key: Sequence[Any], row: Values, changed: set[str]
    ) -> None:
        """Write the `changed` attributes of a row, as `row` has them. Raises Refused."""
        await off_loop(self.check, row, changed)
        await self._check_documents(connection, {name: row[name] for name in changed})
        for table in self.tables:
            columns = self.columns_in(table)
            values = await off_loop(
                self._stored, {name: row[name] for name in changed if name in columns}, columns
            )
            if values:
                parts = [columns[name] for name in self.key]
                same = [part == value for part, value in zip(parts, key, strict=True)]
                statement = update(table).where(*same).values(values)
                await self._run(connection, statement.returning(*parts))

    async def put_back(self, connection: AsyncConnection, row: Values) -> None:
        """Insert a row that was deleted, with the key that it had. Raises Refused."""
        statement = RestoredRow(self.table).values(
            {
                name: value
                for name, value in self._stored(row, self.columns_in(self.table)).items()
                if not isinstance(value, Null) or self.table.columns[name].nullable
            }
        )
        await self._run(connection, statement.returning(*self.key_columns))

    async def delete(self, connection: AsyncConnection, keys: Sequence[Sequence[Any]]) -> int:
        """Delete all of these rows or none. Raises Refused, which names the row that stands."""
        chosen = [tuple(key) for key in keys]
        try:
            async with connection.begin_nested():
                deleted = await self._delete_rows(connection, chosen)
        except DBAPIError as error:
            raise await self._why_not(connection, chosen, error) from error
        if missing := [key for key in chosen if key not in deleted]:
            raise Gone(
                f"{encode_key(missing[0])} no longer exists"
                + (f", nor do {len(missing) - 1} more" if len(missing) > 1 else "")
                + f", so none of these {len(chosen)} rows was deleted: go back to the list and "
                "choose again."
            )
        return len(deleted)

    async def _delete_rows(
        self, connection: AsyncConnection, keys: Sequence[tuple[Any, ...]]
    ) -> set[tuple[Any, ...]]:
        """Delete rows from all tables that they are in; gives the keys of those that were there."""
        deleted: set[tuple[Any, ...]] = set()
        for table in reversed(self.tables):
            named = self.columns_in(table)
            columns = [named[name] for name in self.key]
            statement = delete(table).where(tuple_(*columns).in_(keys))
            if self.condition is not None:
                statement = statement.where(self.condition)
            result = await connection.execute(statement.returning(*columns))
            gone = {tuple(row) for row in result}
            deleted = gone if table is self.table else deleted
        return deleted

    async def _why_not(
        self, connection: AsyncConnection, keys: Sequence[Sequence[Any]], error: DBAPIError
    ) -> Refused:
        """Find the row that cannot be deleted, one by one; whoever calls rolls it all back."""
        for key in keys:
            try:
                async with connection.begin_nested():
                    await self._delete_rows(connection, [tuple(key)])
            except DBAPIError as cause:
                refusal = refusals.database_refusal(cause, self.table)
                return Refused(f"{encode_key(key)} cannot be deleted, so no row was. {refusal}")
        return refusals.database_refusal(error, self.table)

    def check(self, values: Values, changed: set[str]) -> None:
        """Ask the model, if it checks its values. Raises Refused."""
        if not issubclass(self.model, SQLModel):
            return
        known = {
            name: plain_value(value)
            for name, value in values.items()
            if name in self.model.model_fields
        }
        try:
            self.model(**known)
        except ValidationError as error:
            refusal = refusals.values_refusal(error, changed)
            if refusal is not None:
                raise refusal from error

    async def _check_documents(self, connection: AsyncConnection, values: Values) -> None:
        """Let Postgres read each document by itself, so that a refusal names its field."""
        errors: dict[str, list[str]] = {}
        for name, value in values.items():
            if not isinstance(self.columns[name].type, JSON) or value is None:
                continue
            text = await off_loop(dump_json, value)
            try:
                async with connection.begin_nested():
                    await connection.execute(select(cast(literal(text, Text), JSONB).is_(None)))
            except DBAPIError as error:
                errors[name] = [refusals.document_refusal(error)]
        if errors:
            raise Refused("Nothing was saved: see the fields marked below.", errors)

    def _stored(self, values: Values, columns: Mapping[str, Column[Any]]) -> Values:
        return {
            columns[name].name: stored(columns[name], value)
            for name, value in values.items()
            if name in columns
        }

    async def _run(self, connection: AsyncConnection, statement: Any) -> tuple[Any, ...]:
        try:
            async with connection.begin_nested():
                return tuple((await connection.execute(statement)).one())
        except DBAPIError as error:
            raise refusals.database_refusal(error, self.table) from error


def stored(column: Column[Any], value: Any) -> Any:
    """The value as a statement takes it: None is NULL in every column, and in every array."""
    if value is None:
        return null()
    if isinstance(column.type, JSON):
        return cast(literal(dump_json(value), Text), column.type)
    if isinstance(column.type, ARRAY) and isinstance(column.type.item_type, JSON):
        return literal(value, ARRAY(JSONB(none_as_null=True), dimensions=1)).cast(column.type)
    return value
