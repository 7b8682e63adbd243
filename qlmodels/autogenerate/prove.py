"""Whether a revision does what it says, tried in scratch on rows before anybody trusts it."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from alembic.autogenerate.api import render_python_code
from alembic.operations import Operations
from alembic.operations.ops import DowngradeOps, UpgradeOps
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from asyncpg.exceptions import PostgresError
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateSchema

from qlmodels.autogenerate.describe import describe
from qlmodels.autogenerate.diff import SchemaDifference, differences
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.failures import DEADLOCK, Said
from qlmodels.autogenerate.operations import SchemaChange
from qlmodels.autogenerate.outside import extension_names
from qlmodels.autogenerate.reader import read
from qlmodels.autogenerate.rows import contents, insert_sample_rows
from qlmodels.autogenerate.scope import SHARED_KINDS, Scope, scoped
from qlmodels.autogenerate.scratch import printed, run, scratch, settled
from qlmodels.autogenerate.storage_options import compare_options
from qlmodels.ddl.build import statements
from qlmodels.ddl.quoting import identifier
from qlmodels.errors import QLModelsError

Step = Callable[[Connection], None]
log = logging.getLogger("alembic.qlmodels")


ROWS_DO_NOT_FIT = (
    "Rows that were made for the proof do not fit what the revision asks for ({}). Yours may not"
    " either; it is proved without rows."
)


class NotProved(QLModelsError, CommandError):
    """The revision does not do what it says."""


@dataclass(frozen=True)
class RevisionSteps:
    """The two halves of a revision, to be run on a connection."""

    upgrade: Step
    downgrade: Step

    @classmethod
    def of_change(cls, change: SchemaChange) -> "RevisionSteps":
        """As its rendered text runs, which is what will stand in the file."""
        back = change.reverse()
        return cls(
            _compiled(render_python_code(UpgradeOps([change]))),
            _compiled(render_python_code(DowngradeOps([back]))),
        )

    @classmethod
    def of_script(cls, script: Script) -> "RevisionSteps":
        return cls(_half(script, "upgrade"), _half(script, "downgrade"))


def _compiled(body: str) -> Step:
    def step(connection: Connection) -> None:
        names: dict[str, Any] = {"op": _operations(connection), "dedent": dedent}
        exec(f"def step():\n    {body}", names)  # noqa: S102
        names["step"]()

    return step


def _half(script: Script, name: str) -> Step:
    def step(connection: Connection) -> None:
        module: Any = script.module
        module.op = _operations(connection)
        getattr(module, name)()

    return step


def _operations(connection: Connection) -> Operations:
    return Operations(MigrationContext.configure(connection))


@dataclass(frozen=True)
class SchemaVerifier:
    """Says whether a database is as the models want it."""

    scope: Scope
    declared: Facts
    target: Facts
    excused: frozenset[Key] = frozenset()
    filled: Collection[str] = ()
    """Columns that the revision itself gives values."""

    def complaints(self, made: Facts) -> list[SchemaDifference]:
        found = scoped(made, self.declared, self.scope)
        different = differences(found.live, self.target)
        return [difference for difference in different if difference.key not in self.excused]

    def required(self) -> set[Key]:
        """Columns in which rows must hold something before."""
        columns = self.target.of_kind("column")
        return {c.key for c in columns if c["not null"] and c.name not in self.filled}


def prove(
    beside: Connection,
    preparation: Sequence[str],
    steps: RevisionSteps,
    judge: SchemaVerifier | None,
) -> None:
    """Raises NotProved, which says in words what is not as it should be.

    `preparation` makes what the revision starts from; whatever is done is rolled back. Without a
    judge only the way back and the rows are proved.
    """
    try:
        try:
            with _undone(beside):
                run(beside, preparation)
                _prove(beside, steps, judge)
        except DBAPIError as error:
            if not _of_rows(error):
                raise
            log.warning("%s", ROWS_DO_NOT_FIT.format(error.orig))
            with _undone(beside):
                run(beside, preparation)
                _prove(beside, steps, judge, sown=False)
    except (DBAPIError, PostgresError) as error:
        said = Said.of(error)
        if said.sqlstate == DEADLOCK:
            raise
        raise NotProved(f"the revision does not run in scratch: {said.brief}") from error


@contextmanager
def _undone(beside: Connection) -> Iterator[None]:
    with beside.begin_nested() as trial:
        try:
            yield
        finally:
            if trial.is_active:
                trial.rollback()


def _of_rows(error: DBAPIError) -> bool:
    """Whether what rows hold stood in the way: a value that does not convert, a broken rule."""
    state: str = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(("22", "23"))


def _prove(
    beside: Connection, steps: RevisionSteps, judge: SchemaVerifier | None, *, sown: bool = True
) -> None:
    start = read(beside)
    if sown and (unsown := insert_sample_rows(beside, start, judge.required() if judge else set())):
        log.info("no row could be made for %s: proved without", ", ".join(unsown))
    beside.execute(text("select set_config('qlmodels.lose', 'yes', true)"))
    rows = contents(beside, _columns(start))
    steps.upgrade(beside)
    between = read(beside)
    if judge is not None and (wrong := judge.complaints(between)):
        raise NotProved(_told("after the upgrade", wrong))
    kept = _kept(start, between)
    _compare_rows("upgrade", rows, contents(beside, kept))
    steps.downgrade(beside)
    if wrong := [d for d in differences(read(beside), start) if not _lasting(d)]:
        raise NotProved(_told("after the downgrade", wrong))
    _compare_rows("downgrade", rows, contents(beside, kept))


def _compare_rows(
    step: str, before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> None:
    for table, told in after.items():
        changed = [column for column in told if told[column] != before[table][column]]
        if changed:
            what = ", ".join(changed).strip(", ") or "the number of rows"
            raise NotProved(f"the {step} changed {what} in {table}, which it should have kept")


def _told(when: str, wrong: Sequence[SchemaDifference]) -> str:
    listed = "\n".join(f"  {describe(difference)}" for difference in wrong)
    return f"{when} the scratch database is not as it should be:\n{listed}"


def _lasting(difference: SchemaDifference) -> bool:
    """Made where absent, and left by a downgrade, for others may use it."""
    fact = difference.old or difference.new
    invalid = fact is not None and fact["invalid"]
    return (
        difference.key.kind in SHARED_KINDS
        or difference.key == Key("schema", "extensions")
        or invalid
    )


def _columns(facts: Facts) -> Mapping[str, list[str]]:
    return {
        table.name: table.sql["columns"] for table in facts.of_kind("table") if table.sql["columns"]
    }


def _kept(start: Facts, between: Facts) -> dict[str, list[str]]:
    """Columns that a revision left as they were."""
    kept = {}
    for table, names in _columns(start).items():
        same = [
            name
            for name in names
            if (key := Key("column", f"{table}.{name}")) in between
            and start[key].properties == between[key].properties
            and not any(start[n] != between.get(n) for n in start[key].needs if n.kind == "type")
        ]
        if Key("table", table) in between:
            kept[table] = same
    return kept


def prove_revision(
    connection: Connection,
    scripts: ScriptDirectory,
    revision: str,
    metadata: MetaData,
    version_schema: str,
    *,
    column_order: bool = False,
) -> str:
    """Prove a revision of the history in a scratch database on the server of `connection`.

    Gives a sentence that says what was proved. Raises NotProved.
    """
    script = scripts.get_revision(revision)
    if script is None:
        raise NotProved(f"there is no revision {revision}")
    with scratch(connection, extension_names(metadata)) as beside:
        script_of_models = list(statements(metadata))
        compare_options(beside, script_of_models, column_order=column_order)
        _, declared = settled(beside, printed(beside, script_of_models))
        with beside.begin_nested() as history:
            beside.execute(CreateSchema(version_schema, if_not_exists=True))
            version_table = f"{identifier(version_schema)}.alembic_version"
            earlier = list(scripts.iterate_revisions(script.revision, "base"))[1:]
            for before in reversed(earlier):
                RevisionSteps.of_script(before).upgrade(beside)
            judge = None
            if script.is_head:
                scope = Scope(metadata, version_table)
                target = scoped(read(beside), declared, scope).target
                judge = SchemaVerifier(scope, declared, target)
            prove(beside, [], RevisionSteps.of_script(script), judge)
            history.rollback()
    models = "makes what the models declare" if judge else "runs"
    return f"Revision {script.revision} {models}, can be undone, and keeps the rows it should."
