"""What a database and the models hold, compared, and how the difference is said in a revision."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from qlmodels.autogenerate.backfill_defaults import NoValue, without_value
from qlmodels.autogenerate.describe import NO_PRIVILEGE, describe, undeclared
from qlmodels.autogenerate.diff import SchemaDifference, differences, heading
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.neighbours import listed, require_out_of_the_way
from qlmodels.autogenerate.operations import SchemaChange, Script
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.privileges import beyond, left_alone, untouchable
from qlmodels.autogenerate.prove import NotProved, RevisionSteps, SchemaVerifier, prove
from qlmodels.autogenerate.reach import Reach
from qlmodels.autogenerate.renames import LooksRenamed, Rename, unexplained
from qlmodels.autogenerate.request import Request
from qlmodels.autogenerate.scope import Scoped
from qlmodels.autogenerate.shared import owned_by_login
from qlmodels.autogenerate.writer import CannotWrite, Change

log = logging.getLogger("alembic.qlmodels")


@dataclass(frozen=True)
class SchemaComparison:
    """What was found, and how it is said in a revision."""

    request: Request
    raw: Facts
    """All that is in the database."""
    found: Scoped
    exposed: Sequence[str]
    """What lets protected rows be seen or changed, in words."""
    moves: Sequence[Rename] = ()
    fills: dict[str, str] = field(default_factory=dict)
    bare: Facts = field(default_factory=lambda: Facts({}))
    judge: SchemaVerifier | None = None
    reach: Reach | None = None
    """How far the change reaches; None where all is made to prove it."""

    def proved(self, change: SchemaChange, beside: Connection) -> SchemaChange:
        """`change`, refusing to be written if it does not do what it says.

        First only what it reaches is made for that, then, should that not do, the whole schema.
        """
        tried = change
        if self.judge is None:
            return change
        if any(statement.concurrently for statement in change.up.statements):
            tried = self._change(concurrently=False)
        try:
            try:
                self._prove(tried, beside, self.judge, self.reach)
            except NotProved as doubt:
                if self.reach is None:
                    raise
                log.debug("tried again with the whole schema: %s", doubt)
                self._prove(tried, beside, self.judge, None)
        except NotProved as refusal:
            up = replace(change.up, refusal=refusal)
            return SchemaChange(up, change.down, (told.words for told in change.ops))
        return change

    def _prove(
        self, change: SchemaChange, beside: Connection, judge: SchemaVerifier, reach: Reach | None
    ) -> None:
        live, target, login = self.found.live, self.found.target, self.found.live.login
        declared = judge.declared
        start = owned_by_login(left_alone(target, live, login))
        end = owned_by_login(left_alone(start, target, login))
        if reach is not None:
            start, end, declared = (
                facts.only(reach.within(facts, self.bare)) for facts in (start, end, declared)
            )
        unmade = beyond(start, login) | beyond(end, login)
        start, end = start.without(unmade), end.without(unmade)
        judge = replace(
            judge,
            declared=declared,
            target=end,
            excused=frozenset(d.key for d in untouchable(live, target, login)),
            filled=self.fills,
        )
        # without a membership that is missing, what its role owns could not be made there
        lent = start.with_facts(
            *(
                link
                for link in target.of_kind("membership")
                if link["member"] == "current_user" and Key("role", link["role"]) in start
            )
        )
        preparation = [
            *(statement.sql for statement in plan(Change(self.bare, lent))),
            *(statement.sql for statement in plan(Change(lent, start))),
            *(step.sql for move in reversed(self.moves) for step in move.down),
        ]
        prove(beside, preparation, RevisionSteps.of_change(change), judge)

    def change(self) -> SchemaChange | None:
        """None where there is nothing to do."""
        found = self.found
        if not (
            differences(found.live, found.target) or self._reported or self.exposed or self.moves
        ):
            return None
        return self._change(concurrently=self.request.concurrently)

    @property
    def not_declared(self) -> str | None:
        """One line that names what is not declared and left alone."""
        return listed(self.found.of_others, self.raw, self.request.metadata)

    @property
    def helpless(self) -> list[str]:
        """What differs and this login has no right to change, and what exposes rows, in words."""
        live, target = self.found.live, self.found.target
        untouched = untouchable(live, target, live.login)
        return [*(NO_PRIVILEGE.format(describe(it)) for it in untouched), *self.exposed]

    @property
    def _reported(self) -> Sequence[Key]:
        """Undeclared objects that count as a difference, or cannot be dropped as requested."""
        match self.request.undeclared:
            case "error":
                return self.found.undeclared
            case "drop":
                return [key for key in self.found.undeclared if key not in self.found.live]
            case _:
                return ()

    def _change(self, *, concurrently: bool | None) -> SchemaChange:
        live, target, login = self.found.live, self.found.target, self.found.live.login
        different = differences(live, target)
        reached = left_alone(live, target, login)
        restored = left_alone(reached, live, login)
        up = self._script(live, reached, concurrently, guarded=True)
        down = self._script(reached, restored, concurrently)
        return SchemaChange(
            replace(
                up,
                statements=[*(step for move in self.moves for step in move.up), *up.statements],
                refusal=up.refusal or down.refusal or self._refusal(different),
            ),
            replace(
                down,
                statements=[*down.statements, *(s for m in reversed(self.moves) for s in m.down)],
            ),
            [*self._words(different), *map(undeclared, self._reported), *self.exposed],
        )

    def _script(
        self, source: Facts, target: Facts, concurrently: bool | None, guarded: bool = False
    ) -> Script:
        change = Change(
            source,
            target,
            fills=self.fills,
            uninvited=self.found.uninvited,
            guarded=guarded,
            concurrently=concurrently,
        )
        counted = self._heading(differences(source, target))
        try:
            require_out_of_the_way(change, self.raw)
            return Script(counted, plan(change))
        except CannotWrite as refusal:
            return Script(counted, (), refusal=refusal)

    def _heading(self, different: list[SchemaDifference]) -> str:
        renamed = [f"{len(self.moves)} renamed"] if self.moves else []
        counted = [heading(different)] if different else []
        return ", ".join([*counted, *renamed]) or "nothing that is ours"

    def _words(self, different: list[SchemaDifference]) -> list[str]:
        live, target = self.found.live, self.found.target
        helpless = {difference.key for difference in untouchable(live, target, live.login)}
        return [move.words for move in self.moves] + [
            NO_PRIVILEGE.format(describe(d)) if d.key in helpless else describe(d)
            for d in different
        ]

    def _refusal(self, different: list[SchemaDifference]) -> Exception | None:
        """Raised when a revision is written; comparing goes on."""
        if self.request.arguments.get("renamed") != "no" and (why := unexplained(different)):
            return LooksRenamed(why)
        connection, live = self.request.connection, self.found.live
        why = without_value(connection, different, live, self.fills)
        return NoValue(why) if why else None
