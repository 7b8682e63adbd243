"""What the database lets the panel's login do with a table, beside what its users may."""

from typing import Final

from starlette.requests import Request

from qlmodels.connection import read_transaction
from qlmodels.tables import metadata
from qlmodels_admin.db import Need, TableState, table_state
from qlmodels_admin.mapping import tables_of
from qlmodels_admin.rows import references_to
from qlmodels_admin.tables.urls import RowUrls

STATES: Final = "qlmodels.table_states"
"""Where the scope keeps what the database said of tables."""


class TableRights(RowUrls):
    """A view that offers what the database permits.

    The panel's own tables are declared with all that it needs; the doctor looks after them.
    """

    async def load_state(self, request: Request) -> TableState | None:
        """Ask what the database says of the table, for the rest of the request."""
        if self.rows.table.metadata is metadata:
            return None
        async with read_transaction(self.engine) as connection:
            state = await table_state(connection, self.rows.table)
        request.scope.setdefault(STATES, {})[self.identity] = state
        return state

    def state(self, request: Request) -> TableState | None:
        """Return what `load_state` found; None for the panel's own tables."""
        found: TableState | None = request.scope.get(STATES, {}).get(self.identity)
        return found

    def is_audited(self, request: Request) -> bool:
        """Return whether changes of the table are recorded, so that they can be undone."""
        state = self.state(request)
        return state is None or state.is_audited

    def needs(self, request: Request) -> list[Need]:
        """Return what the table needs for what the view offers."""
        state = self.state(request)
        offered = {
            "insert": self.can_create or self.can_import,
            "update": self.can_edit,
            "delete": self.can_delete,
        }
        writes = [write for write, wanted in offered.items() if wanted]
        return [] if state is None else [*state.needs(writes)]

    async def needs_of_others(self) -> list[Need]:
        """Return what the tables need that this one refers to, or that refer to it."""
        own = self.rows.tables
        targets = [part.target for part in self.attributes.values() if part.target is not None]
        others = [
            *(link.target for link in self.links.values()),
            *(table for target in targets for table in tables_of(target)),
            *(other for table in own for other, _ in references_to(table)),
        ]
        found: list[Need] = []
        async with read_transaction(self.engine) as connection:
            for table in dict.fromkeys([*own, *others]):
                state = await table_state(connection, table)
                if not state.is_readable:
                    found += state.needs(())
        return found

    def may_delete(self, request: Request) -> bool:
        return super().may_delete(request) and self._permits(request, "delete")

    async def check_can_create(self, request: Request) -> bool:
        return await super().check_can_create(request) and self._permits(request, "insert")

    async def check_can_import(self, request: Request) -> bool:
        allowed = await super().check_can_import(request) and not self.rows.is_inherited
        return allowed and self._permits(request, "insert")

    async def check_can_edit(self, request: Request, model: object) -> bool:
        return await super().check_can_edit(request, model) and self._permits(request, "update")

    async def check_can_delete(self, request: Request, model: object) -> bool:
        return await super().check_can_delete(request, model) and self._permits(request, "delete")

    def _permits(self, request: Request, write: str) -> bool:
        state = self.state(request)
        return state is None or state.permits(write)
