"""Functions and procedures, several of a name too."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from qlmodels.ddl.quoting import block, grantees, identifier, literal, qualified
from qlmodels.ddl.stage import Stage

_PLACE = "\0"
OVERLOAD = """\
declare
    known oid[] := array(select oid from pg_catalog.pg_proc where proname = {name});
    made regprocedure;
begin
    execute {create};
    select oid into strict made from pg_catalog.pg_proc
     where proname = {name} and oid <> all (known);
{of_it}end"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure by its whole CREATE statement, its owner, and who may execute it.

    `execute=None` leaves Postgres' default, which is everybody. Several may share a name, each
    with other arguments.
    """

    stage: ClassVar = Stage.FUNCTIONS
    name: str
    sql: str = field(repr=False)
    schema: str = "public"
    owner: str | None = None
    execute: tuple[str, ...] | None = ()
    comment: str | None = None

    def create(self) -> Iterator[str]:
        yield self._statement
        yield from self._of(qualified(self.schema, self.name))

    def create_overload(self) -> Iterator[str]:
        """Make it where others have its name, which so does not say which of them is meant."""
        of_it = "".join(
            f"    execute pg_catalog.format({literal(_formatted(said))}, made);\n"
            for said in self._of(_PLACE)
        )
        yield block(
            OVERLOAD.format(create=literal(self._statement), name=literal(self.name), of_it=of_it)
        )

    @property
    def _statement(self) -> str:
        return self.sql.strip().removesuffix(";")

    def _of(self, name: str) -> Iterator[str]:
        """What is said of a function that is called `name`."""
        if self.owner is not None:
            yield f"alter routine {name} owner to {identifier(self.owner)}"
        if self.execute is not None:
            yield f"revoke all on routine {name} from public"
            if self.execute:
                yield f"grant execute on routine {name} to {grantees(self.execute)}"
        if self.comment is not None:
            yield f"comment on routine {name} is {literal(self.comment)}"


def _formatted(statement: str) -> str:
    return statement.replace("%", "%%").replace(_PLACE, "%s")
