"""What a database and the models hold, compared, and how the difference is said in a revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, MetaData

from qlmodels.autogenerate.backfill_defaults import NoValue, fills, without_value
from qlmodels.autogenerate.describe import NO_PRIVILEGE, describe, undeclared
from qlmodels.autogenerate.diff import SchemaDifference, differences, heading
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.operations import SchemaChange, Script
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.privileges import left_alone, untouchable
from qlmodels.autogenerate.prove import NotProved, RevisionSteps, SchemaVerifier, prove
from qlmodels.autogenerate.reader import read, report_unknown_options
from qlmodels.autogenerate.renames import LooksRenamed, Rename, renames, unexplained
from qlmodels.autogenerate.scope import Scoped, as_if_first, scoped, with_roles_of
from qlmodels.autogenerate.scratch import is_elsewhere, printed, rebuilt, settled
from qlmodels.autogenerate.storage_options import compare_options
from qlmodels.autogenerate.writer import CannotWrite, Change, Statement
from qlmodels.ddl.build import statements


def compared(
    connection: Connection, beside: Connection, metadata: MetaData, version_table: str, first: bool
) -> "SchemaComparison | None":
    """The database's facts and the models', narrowed to what can be compared.

    None where they are the same. `beside` is a scratch database, empty before and after.
    """
    script = list(statements(metadata))
    for side in (connection, beside):
        compare_options(side, script)
    report_unknown_options(connection)
    live, once = read(connection), printed(beside, script)
    if not first and not is_elsewhere(beside, connection):
        found = scoped(live, once, metadata, version_table)
        if not found.undeclared and not differences(found.live, found.target):
            return None
    empty, declared = settled(beside, once)
    bare = scoped(empty, declared, metadata, version_table).live
    found = scoped(live, declared, metadata, version_table)
    moves = renames(metadata, found.live, found.target)
    if moves or is_elsewhere(beside, connection):
        there = rebuilt(beside, bare, found.live, [move.up.sql for move in moves])
        renamed = with_roles_of(found.live, there)
        found = scoped(renamed, declared, metadata, version_table)
    if first:
        found = as_if_first(found)
    judge = SchemaVerifier(metadata, declared, found.target, version_table)
    return SchemaComparison(connection, found, moves, fills(metadata, found.target), bare, judge)


@dataclass(frozen=True)
class SchemaComparison:
    """What was found, and how it is said in a revision."""

    connection: Connection
    found: Scoped
    moves: Sequence[Rename]
    fills: dict[str, str]
    bare: Facts
    judge: SchemaVerifier

    def proved(
        self, change: SchemaChange, beside: Connection, arguments: Mapping[str, str]
    ) -> SchemaChange:
        """`change`, refusing to be written if it does not do what it says."""
        tried = change
        if arguments.get("concurrently") == "yes":
            tried = self.change({**arguments, "concurrently": "no"}) or change
        live, login = self.found.live, self.found.live.login
        target = self._target(arguments)
        start = _comparable(left_alone(target, live, login))
        judge = replace(
            self.judge,
            target=_comparable(left_alone(start, target, login)),
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
            *(move.down.sql for move in reversed(self.moves)),
        ]
        try:
            prove(beside, preparation, RevisionSteps.of_change(tried), judge)
        except NotProved as refusal:
            up = replace(change.up, refusal=refusal)
            return SchemaChange(up, change.down, (told.words for told in change.ops))
        return change

    def _target(self, arguments: Mapping[str, str]) -> Facts:
        dropping = arguments.get("undeclared") == "drop"
        return self.found.without_undeclared() if dropping else self.found.target

    def change(self, arguments: Mapping[str, str]) -> SchemaChange | None:
        """None where there is nothing to do. `arguments` are those of `-x`."""
        found, login = self.found, self.found.live.login
        wanted = arguments.get("undeclared", "report")
        target = self._target(arguments)
        different = differences(found.live, target)
        strangers = _reported(found.undeclared, wanted)
        if not different and not strangers and not self.moves:
            return None
        reached = left_alone(found.live, target, login)
        restored = left_alone(reached, found.live, login)
        up = self._script(found.live, reached, arguments, guarded=True)
        down = self._script(reached, restored, arguments)
        return SchemaChange(
            replace(
                up,
                statements=[*(move.up for move in self.moves), *up.statements],
                idle=_suggested(found) if wanted == "report" and strangers else (),
                refusal=up.refusal or down.refusal or self._refusal(different, arguments),
            ),
            replace(
                down,
                statements=[*down.statements, *(move.down for move in reversed(self.moves))],
            ),
            [*self._words(different, target), *map(undeclared, strangers)],
        )

    def _script(
        self, source: Facts, target: Facts, arguments: Mapping[str, str], guarded: bool = False
    ) -> Script:
        change = Change(
            source,
            target,
            fills=self.fills,
            uninvited=self.found.uninvited,
            guarded=guarded,
            concurrently=arguments.get("concurrently") == "yes",
        )
        counted = self._heading(differences(source, target))
        try:
            return Script(counted, plan(change))
        except CannotWrite as refusal:
            return Script(counted, (), refusal=refusal)

    def _heading(self, different: list[SchemaDifference]) -> str:
        renamed = [f"{len(self.moves)} renamed"] if self.moves else []
        counted = [heading(different)] if different else []
        return ", ".join([*counted, *renamed]) or "nothing that is ours"

    def _words(self, different: list[SchemaDifference], target: Facts) -> list[str]:
        live = self.found.live
        helpless = {difference.key for difference in untouchable(live, target, live.login)}
        return [move.words for move in self.moves] + [
            NO_PRIVILEGE.format(describe(d)) if d.key in helpless else describe(d)
            for d in different
        ]

    def _refusal(
        self, different: list[SchemaDifference], arguments: Mapping[str, str]
    ) -> Exception | None:
        """Raised when a revision is written; comparing goes on."""
        if arguments.get("renamed") != "no" and (why := unexplained(different)):
            return LooksRenamed(why)
        why = without_value(self.connection, different, self.found.live, self.fills)
        return NoValue(why) if why else None


def _reported(undeclared_: Sequence[Key], wanted: str) -> Sequence[Key]:
    """What of an uncompared kind cannot be dropped for anybody; it is told unless ignored."""
    if wanted == "drop":
        return [key for key in undeclared_ if key.kind == "uncompared"]
    return undeclared_ if wanted == "report" else ()


def _comparable(facts: Facts) -> Facts:
    return facts.without({key for key in facts if key.kind == "uncompared"})


def _suggested(found: Scoped) -> list[Statement]:
    """How the undeclared would be dropped, things of uncompared kinds left out."""
    live = _comparable(found.live)
    target = found.without_undeclared()
    rest = Facts({key: live[key] for key in live if key in target}, live.login)
    return plan(Change(live, rest))
