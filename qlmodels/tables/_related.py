"""Paths from a row to the rows that belong to it: read only, and loaded only on request."""

from typing import Any, Final, NoReturn

from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import (
    InstanceState,
    Mapper,
    QueryableAttribute,
    Relationship,
    RelationshipProperty,
)
from sqlalchemy.orm.strategies import _LazyLoader

from qlmodels.tables._row import Row

SAME_INSTANCE: Final = {
    "primaryjoin": """and_(
        qlmodels.tables.agent_states.AgentState.agent_type
        == foreign(qlmodels.tables.sessions.AgentSession.agent_type),
        qlmodels.tables.agent_states.AgentState.agent_instance_id
        == foreign(qlmodels.tables.sessions.AgentSession.agent_instance_id))"""
}
"""A session has the name of the instance that ran, which no foreign key holds."""


class ReadOnlyRelationship(Relationship[Any]):
    """A relationship that shows rows: writes are refused, and no access loads them."""

    inherit_cache = True

    def declarative_scan(self, *_: object, **__: object) -> None:
        """Leave the annotation, a ClassVar, to type checkers: all that counts is passed."""


@ReadOnlyRelationship.strategy_for(lazy="raise")
class _RaisingLoader(_LazyLoader):
    """Raises where the rows are not loaded, and says which option loads them."""

    def _invoke_raise_load(self, state: InstanceState[Any], *_: object, **__: object) -> NoReturn:
        passed = [part for part in state.load_path.path if isinstance(part, Relationship)]
        steps = [*passed, self.parent_property]
        options = ".".join(f"selectinload({_name(step)})" for step in steps)
        raise InvalidRequestError(
            f"{_name(self.parent_property)} is not loaded, and reading it loads nothing. "
            f"Load it with the rows: select({steps[0].parent.class_.__name__}).options({options})."
        )


def one(row: str, **options: Any) -> Any:
    """Return the path to the row that ours refers to; `row` is `module.Class` within the tables."""
    return _path(row, uselist=False, **options)


def many(row: str, order_by: str, **options: Any) -> Any:
    """Return the path to the rows that refer to ours; `order_by` is an attribute of theirs."""
    name = f"qlmodels.tables.{row}.{order_by}"
    return _path(row, uselist=True, order_by=name, **options)


def _path(row: str, **options: Any) -> ReadOnlyRelationship:
    return ReadOnlyRelationship(f"qlmodels.tables.{row}", viewonly=True, lazy="raise", **options)


def _name(path: RelationshipProperty[Any]) -> str:
    return f"{path.parent.class_.__name__}.{path.key}"


@event.listens_for(Row, "mapper_configured", propagate=True)
def _refuse_writes(mapper: Mapper[Any], row: type[Row]) -> None:
    for path in mapper.relationships:
        if isinstance(path, ReadOnlyRelationship) and path.parent is mapper:
            _refuse_writes_through(getattr(row, path.key), path)


def _refuse_writes_through(attribute: QueryableAttribute[Any], path: ReadOnlyRelationship) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise InvalidRequestError(
            f"{_name(path)} shows rows and stores none. Set the columns that refer to a row, "
            "and add rows to the session."
        )

    for change in ("append", "remove", "set", "bulk_replace"):
        event.listen(attribute, change, refuse, propagate=True)
