"""Changing rows: exactly what was changed in the form, in one transaction, or nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from wtforms import Form

from qlmodels_admin import exact_json, refusals
from qlmodels_admin.forms import fingerprints, shown_text
from qlmodels_admin.refusals import Clash, Conflict, Gone, Refused

Values = dict[str, Any]


class Rows:
    """The rows of one model, by the names of its attributes."""

    def __init__(self, model: type) -> None:
        self.model = model
        mapper: Any = model.__mapper__  # type: ignore[attr-defined]
        self.table: Table = mapper.local_table
        self.columns = {name: mapper.columns[name] for name in mapper.columns.keys()}  # noqa: SIM118
        self.key = [mapper.get_property_by_column(column).key for column in mapper.primary_key]

    def is_row(self, key: Sequence[Any]) -> ColumnElement[bool]:
        columns = self.table.primary_key.columns
        return and_(*(column == value for column, value in zip(columns, key, strict=True)))

    async def read(
        self, connection: AsyncConnection, key: Sequence[Any], *, lock: bool = False
    ) -> Values | None:
        query = select(*(column.label(name) for name, column in self.columns.items()))
        query = query.where(self.is_row(key))
        found = await connection.execute(query.with_for_update() if lock else query)
        row = found.mappings().one_or_none()
        return None if row is None else dict(row)

    async def insert(self, connection: AsyncConnection, form: Form) -> tuple[Any, ...]:
        """Insert what the form has; what it left blank is the database's default.

        Gives the key. Raises Refused.
        """
        values = {
            name: field.data
            for name, field in form._fields.items()
            if field.data is not None and name in self.columns
        }
        self.check(values, set(form._fields))
        statement = insert(self.table).values(self._stored(values))
        key = self.table.primary_key.columns
        return await self._run(connection, statement.returning(*key))

    async def update(
        self,
        connection: AsyncConnection,
        key: Sequence[Any],
        form: Form,
        opened: Mapping[str, str],
        *,
        agreed: bool,
    ) -> set[str]:
        """Write the fields of `form` that are not as they were `opened`; gives their names.

        A row that changed in the meantime is left alone, unless the person saw how and `agreed`,
        and only in fields that they did not change. Raises Gone, Conflict, Refused.
        """
        row = await self.read(connection, key, lock=True)
        if row is None:
            raise Gone
        current = type(form)(data=row)
        _detect_conflict(form, current, opened, agreed=agreed)
        changed = _differences(form, fingerprints(current))
        values = {name: form._fields[name].data for name in changed}
        if not values:
            return set()
        self.check({**row, **values}, changed)
        statement = update(self.table).where(self.is_row(key)).values(self._stored(values))
        await self._run(connection, statement.returning(*self.table.primary_key.columns))
        return changed

    async def delete(self, connection: AsyncConnection, keys: Sequence[Sequence[Any]]) -> int:
        """Delete all of these rows or none. Raises Refused."""
        columns = self.table.primary_key.columns
        statement = delete(self.table).where(tuple_(*columns).in_([tuple(key) for key in keys]))
        try:
            async with connection.begin_nested():
                deleted = (await connection.execute(statement)).rowcount
        except DBAPIError as error:
            raise refusals.of_database(error, self.table) from error
        if deleted != len(keys):
            raise Gone(
                f"{len(keys) - deleted} of these {len(keys)} rows no longer exist, so none "
                "was deleted: go back to the list and choose again."
            )
        return deleted

    def check(self, values: Values, changed: set[str]) -> None:
        """Ask the model, if it checks its values. Raises Refused."""
        if not issubclass(self.model, SQLModel):
            return
        known = {
            name: exact_json.plain(value)
            for name, value in values.items()
            if name in self.model.model_fields
        }
        try:
            self.model(**known)
        except ValidationError as error:
            refusal = refusals.of_values(error, changed)
            if refusal is not None:
                raise refusal from error

    def _stored(self, values: Values) -> Values:
        return {self.columns[name].name: value for name, value in values.items()}

    async def _run(self, connection: AsyncConnection, statement: Any) -> tuple[Any, ...]:
        try:
            async with connection.begin_nested():
                return tuple((await connection.execute(statement)).one())
        except DBAPIError as error:
            raise refusals.of_database(error, self.table) from error


def read_opened(text: Any) -> dict[str, str]:
    """The fingerprints that a form was opened with, as its page sent them back."""
    try:
        opened = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        opened = None
    if not isinstance(opened, dict):
        raise Refused("The form is incomplete, so nothing was saved: open it again.")
    return {str(name): str(value) for name, value in opened.items()}


def _differences(form: Form, shown: Mapping[str, str]) -> set[str]:
    return {name for name, value in fingerprints(form).items() if value != shown.get(name)}


def _detect_conflict(form: Form, current: Form, opened: Mapping[str, str], *, agreed: bool) -> None:
    moved = _differences(current, opened)
    mine = _differences(form, opened) & _differences(form, fingerprints(current))
    if not moved or (agreed and not moved & mine):
        _follow(form, current, moved - mine)
        return
    clashes = [
        Clash(
            name=name,
            yours=shown_text(form._fields[name]),
            now=shown_text(current._fields[name]),
            changed_by_you=name in mine,
        )
        for name in form._fields
        if name in moved
    ]
    _follow(form, current, moved - mine)
    raise Conflict(clashes, fingerprints(current))


def _follow(form: Form, current: Form, names: set[str]) -> None:
    """Fields that the person left alone show what the row holds now."""
    for name in names:
        form._fields[name] = current._fields[name]
