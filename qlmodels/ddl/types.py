"""Types that columns can be of, besides the enums that SQLAlchemy declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qlmodels.ddl.quoting import identifier, literal, qualified
from qlmodels.ddl.stage import Stage


@dataclass(frozen=True, slots=True)
class Domain:
    """A type with a rule: `type` is the one beneath, `check` a condition on `value`."""

    stage: ClassVar = Stage.TYPES
    name: str
    type: str
    check: str
    schema: str = "public"
    comment: str | None = None

    def create(self) -> Iterator[str]:
        name = qualified(self.schema, self.name)
        yield f"create domain {name} as {self.type} check ({self.check})"
        if self.comment is not None:
            yield f"comment on domain {name} is {literal(self.comment)}"


@dataclass(frozen=True, slots=True)
class CompositeType:
    """A row of `attributes`, each its name and type as in SQL, for example "amount numeric"."""

    stage: ClassVar = Stage.TYPES
    name: str
    attributes: tuple[str, ...]
    schema: str = "public"
    comment: str | None = None

    def create(self) -> Iterator[str]:
        name = qualified(self.schema, self.name)
        yield f"create type {name} as ({', '.join(self.attributes)})"
        if self.comment is not None:
            yield f"comment on type {name} is {literal(self.comment)}"


@dataclass(frozen=True, slots=True)
class RangeType:
    """Ranges of `subtype`; `options` are others of CREATE TYPE, as `("subtype_diff = float8mi",)`.

    `multirange` names the type of several ranges, which Postgres names itself else.
    """

    stage: ClassVar = Stage.TYPES
    name: str
    subtype: str
    options: tuple[str, ...] = ()
    multirange: str | None = None
    schema: str = "public"
    comment: str | None = None

    def create(self) -> Iterator[str]:
        name = qualified(self.schema, self.name)
        listed = [f"subtype = {self.subtype}", *self.options]
        if self.multirange is not None:
            listed.append(f"multirange_type_name = {identifier(self.multirange)}")
        yield f"create type {name} as range ({', '.join(listed)})"
        if self.comment is not None:
            yield f"comment on type {name} is {literal(self.comment)}"
