"""Changing rows: exactly what was changed in the form, in one transaction, or nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Column, ColumnElement, Label, Table, and_, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import Null
from sqlmodel import SQLModel
from wtforms import Form

from qlmodels.errors import ConfigurationError
from qlmodels_admin.db import is_invalid_value
from qlmodels_admin.mapping import (
    columns_of,
    key_names,
    mapper_of,
    single_table_condition,
    tables_of,
)
from qlmodels_admin.rows import errors as refusals
from qlmodels_admin.rows.errors import FIELDS_INVALID, Gone, Refused
from qlmodels_admin.rows.form_snapshot import FormSnapshot, changed_fields
from qlmodels_admin.rows.insertion import RestoredRow
from qlmodels_admin.rows.refused_values import refused_values
from qlmodels_admin.rows.relations import show
from qlmodels_admin.values import (
    ColumnText,
    as_read,
    encode_key,
    family_of,
    have_keys,
    off_loop,
    plain_value,
    stored,
)

Values = dict[str, Any]


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
        self.by_text = {name for name, column in self.columns.items() if family_of(column).by_text}
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
        return self._key_in(self.table)

    @property
    def read_key(self) -> list[ColumnElement[Any]]:
        """The columns of the key, as they are selected."""
        return [as_read(column, column) for column in self.key_columns]

    def _key_in(self, table: Table) -> list[Column[Any]]:
        columns = self.columns_in(table)
        return [columns[name] for name in self.key]

    def columns_in(self, table: Table) -> dict[str, Column[Any]]:
        """Return the columns of one of the tables by the names of their attributes."""
        return {
            prop.key: column
            for prop in self.mapper.column_attrs
            for column in prop.columns
            if isinstance(column, Column) and column.table is table
        }

    def selected(self, attribute: Any, name: str) -> Label[Any]:
        """Return an attribute of the model as a list selects it, by its name."""
        column = self.columns.get(name)
        value = attribute if column is None else as_read(attribute, column)
        return value.label(name)

    def is_row(self, key: Sequence[Any]) -> ColumnElement[bool]:
        """Return the condition that the row of a key meets."""
        return self.are_rows([key])

    def are_rows(self, keys: Sequence[Sequence[Any]]) -> ColumnElement[bool]:
        """Return the condition that the rows of these keys meet."""
        return and_(have_keys(self.key_columns, keys), *self._of_model)

    @property
    def _of_model(self) -> list[ColumnElement[bool]]:
        return [] if self.condition is None else [self.condition]

    async def is_invalid_key(self, connection: AsyncConnection, key: Sequence[Any]) -> bool:
        """Return whether a part of the key is none of its type, so that no row can have it."""
        texts = {
            name: part
            for name, part in zip(self.key, key, strict=True)
            if isinstance(part, ColumnText)
        }
        return bool(await refused_values(connection, texts, self.columns))

    async def read(
        self, connection: AsyncConnection, key: Sequence[Any], *, lock: bool = False
    ) -> Values | None:
        """Return a row by its attributes' names; None where none has the key."""
        query = select(*(as_read(column, column).label(n) for n, column in self.columns.items()))
        query = query.select_from(self.mapper.persist_selectable).where(self.is_row(key))
        if lock:
            query = query.with_for_update()
        if await self.is_invalid_key(connection, key):
            return None
        row = (await connection.execute(query)).mappings().one_or_none()
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
        key: tuple[Any, ...] = ()
        for table in self.tables:
            values |= dict(zip(self.key, key, strict=False))
            own = await off_loop(self._stored, values, self.columns_in(table))
            statement = insert(table).values(own)
            key = await self._run(connection, statement, values, table)
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
        values = {name: row[name] for name in changed}
        for table in self.tables:
            written = await off_loop(self._stored, values, self.columns_in(table))
            if written:
                statement = update(table).where(have_keys(self._key_in(table), [key]))
                await self._run(connection, statement.values(written), values, table)

    async def put_back(self, connection: AsyncConnection, row: Values) -> None:
        """Insert a row that was deleted, with the key that it had. Raises Refused."""
        statement = RestoredRow(self.table).values(
            {
                name: value
                for name, value in self._stored(row, self.columns_in(self.table)).items()
                if not isinstance(value, Null) or self.table.columns[name].nullable
            }
        )
        await self._run(connection, statement, row, self.table)

    async def delete(self, connection: AsyncConnection, keys: Sequence[Sequence[Any]]) -> int:
        """Delete all of these rows or none. Raises Refused, which names the row that stands."""
        chosen = [tuple(key) for key in keys]
        try:
            async with connection.begin_nested():
                deleted = await self._delete_rows(connection, chosen)
        except DBAPIError as error:
            raise await self._why_not(connection, chosen, error) from error
        if missing := [key for key in chosen if encode_key(key) not in deleted]:
            raise Gone(
                f"{encode_key(missing[0])} no longer exists"
                + (f", nor do {len(missing) - 1} more" if len(missing) > 1 else "")
                + f", so none of these {len(chosen)} rows was deleted: go back to the list and "
                "choose again."
            )
        return len(deleted)

    async def _delete_rows(
        self, connection: AsyncConnection, keys: Sequence[tuple[Any, ...]]
    ) -> set[str]:
        """Delete rows from all tables that they are in; gives the keys of those that were there."""
        deleted: set[str] = set()
        for table in reversed(self.tables):
            columns = self._key_in(table)
            statement = delete(table).where(have_keys(columns, keys), *self._of_model)
            read = [as_read(column, column) for column in columns]
            result = await connection.execute(statement.returning(*read))
            gone = {encode_key(row) for row in result}
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
            if name in self.model.model_fields and name not in self.by_text
        }
        try:
            self.model(**known)
        except ValidationError as error:
            refusal = refusals.values_refusal(error, changed - self.by_text)
            if refusal is not None:
                raise refusal from error

    def _stored(self, values: Values, columns: Mapping[str, Column[Any]]) -> Values:
        return {
            columns[name].name: stored(columns[name], value)
            for name, value in values.items()
            if name in columns
        }

    async def _run(
        self, connection: AsyncConnection, statement: Any, values: Values, table: Table
    ) -> tuple[Any, ...]:
        """Execute a statement that writes `values`, and return the key of its row.

        A refusal names their fields, if it can.
        """
        statement = statement.returning(*(as_read(key, key) for key in self._key_in(table)))
        try:
            async with connection.begin_nested():
                return tuple((await connection.execute(statement)).one())
        except DBAPIError as error:
            await self.refuse(connection, values, error)
            raise refusals.database_refusal(error, self.table) from error

    async def refuse(self, connection: AsyncConnection, values: Values, error: DBAPIError) -> None:
        """Raise Refused for the fields whose values Postgres cannot read, if there are any."""
        if is_invalid_value(error):
            errors = await refused_values(connection, values, self.columns)
            if errors:
                raise Refused(FIELDS_INVALID, errors) from error
