"""Compares a database with the models, in a scratch database beside it."""

from collections.abc import Sequence
from dataclasses import replace

from asyncpg.exceptions import PostgresError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.backfill_defaults import fills
from qlmodels.autogenerate.comparers import Comparers
from qlmodels.autogenerate.comparison import SchemaComparison
from qlmodels.autogenerate.diff import differences
from qlmodels.autogenerate.exposures import exposures
from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.failures import DEADLOCK, Said
from qlmodels.autogenerate.kept import Kept, Printed
from qlmodels.autogenerate.operations import SchemaChange
from qlmodels.autogenerate.outside import lend, undeclared_extensions, used_by_facts
from qlmodels.autogenerate.privileges import beyond
from qlmodels.autogenerate.prove import SchemaVerifier
from qlmodels.autogenerate.reach import Reach
from qlmodels.autogenerate.renames import Rename, renames
from qlmodels.autogenerate.request import Request
from qlmodels.autogenerate.scope import Scope, Scoped, as_if_first, scoped, with_roles_of
from qlmodels.autogenerate.scratch import (
    is_copy,
    is_elsewhere,
    printed,
    rebuilt,
    scratch,
    set_search_path,
    settled,
)
from qlmodels.autogenerate.shared import owned_by_login
from qlmodels.autogenerate.sides import Sides
from qlmodels.autogenerate.storage_options import compare_options
from qlmodels.autogenerate.writer.base import differing
from qlmodels.autogenerate.writer.keys import as_declared

EXPRESSIONS = {
    "checks",
    "default",
    "definition",
    "expression",
    "expressions",
    "generated",
    "using",
    "where",
    "with check",
}
"""Properties that hold an expression as Postgres prints it."""

MAX_COMPARISONS = 3
"""Of a comparison that autovacuum in the scratch database locks itself out with."""


def compare(request: Request, *, proving: bool) -> tuple[SchemaComparison, SchemaChange | None]:
    """Return what was found, and what leads from the database to the models if they differ.

    A change that was to be proved and was not refuses to be written.
    """
    sides = Sides.of(request)
    kept = Kept.of(request.connection, sides.script, sides.used, request.search_path)
    known = None if request.first else kept.read(sides.live.login)
    if known is not None and (comparison := _equal(request, sides, known)) is not None:
        return comparison, comparison.change()
    for attempt in range(1, MAX_COMPARISONS + 1):
        try:
            with scratch(request.connection, sides.extensions, request.scratch_template) as beside:
                comparison = compared(request, sides, beside, kept, known)
                change = comparison.change()
                if proving and change is not None and change.up.refusal is None:
                    change = comparison.proved(change, beside)
                return comparison, change
        except (DBAPIError, PostgresError) as error:
            if Said.of(error).sqlstate != DEADLOCK or attempt == MAX_COMPARISONS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _equal(request: Request, sides: Sides, known: Printed) -> SchemaComparison | None:
    """Compare with what was printed before; None where that is not the whole answer."""
    found = scoped(sides.live, known.declared, _scope(request, sides, known.lent))
    moves = renames(sides.metadata, found.whole, found.target, request.history)
    if moves or differences(found.live, found.target):
        return None
    return SchemaComparison(request, sides.live, found, _exposed(request, sides))


def _exposed(request: Request, sides: Sides) -> Sequence[str]:
    ignored = request.undeclared == "ignore"
    return () if ignored else exposures(request.connection, sides.metadata)


def compared(
    request: Request, sides: Sides, beside: Connection, kept: Kept, known: Printed | None = None
) -> SchemaComparison:
    """Compare the database's facts and the models', narrowed to what can be compared.

    `beside` is a scratch database, in which what the models use of others stays until it is
    dropped. `known` is what it printed in an earlier run; else that is kept.
    """
    live, metadata = sides.live, sides.metadata
    compare_options(beside, sides.script, column_order=request.column_order)
    set_search_path(beside, request.search_path)
    given = undeclared_extensions(beside, metadata)
    lent = lend(beside, sides.used)
    scope = _scope(request, sides, lent, given)
    once = known.declared if known is not None else printed(beside, sides.script)
    usual = not is_elsewhere(beside) and not is_copy(beside)
    if known is None and usual:
        kept.write(Printed(lent, once))
    found = scoped(live, once, scope)
    moves = renames(metadata, found.whole, found.target, request.history)
    different = differences(found.live, found.target)
    if not (request.first or is_elsewhere(beside) or moves or different):
        return SchemaComparison(request, live, found, _exposed(request, sides))
    needed = used_by_facts(live, _ours(live, once, _renamed(found, moves)))
    more = lend(beside, needed.only(needed.keys() - scope.outside.keys()))
    scope = replace(scope, outside=Facts({**scope.outside, **more}))
    once = Facts({**more, **once}, once.login)
    reach = None
    if usual and not (request.first or moves):
        reach = Reach.of((found.live, found.target), [it.key for it in different])
    empty, declared = settled(beside, once, reach)
    declared = as_declared(metadata, declared)
    bare = scoped(empty, declared, scope).live
    found = scoped(live, declared, scope)
    moves = renames(metadata, found.whole, found.target, request.history)
    if moves or is_elsewhere(beside) or _worded_otherwise(found):
        found = _as_printed(found, moves, beside, bare, declared, scope, reach)
    if request.first:
        found = as_if_first(found, scope)
    judge = SchemaVerifier(scope, declared, found.target)
    filled = fills(metadata, found.target)
    exposed = _exposed(request, sides)
    return SchemaComparison(request, live, found, exposed, moves, filled, bare, judge, reach)


def _scope(request: Request, sides: Sides, lent: Facts, given: Facts | None = None) -> Scope:
    """What is compared, beside what the models use of others and what a template gave."""
    given = given or Facts({})
    return Scope(
        sides.metadata,
        request.version_table,
        outside=Facts({**given.only(given.keys() & sides.live.keys()), **lent}),
        given=frozenset(given.keys() - sides.live.keys()),
        excluded=sides.excluded,
        dropping=request.undeclared == "drop",
        may_be_restored=request.may_be_restored,
        comparers=Comparers(request.context, sides.metadata, request.filters),
    )


def _renamed(found: Scoped, moves: Sequence[Rename]) -> set[Key]:
    return {key for key in found.undeclared if any(move.names(key) for move in moves)}


def _ours(live: Facts, declared: Facts, renamed: set[Key]) -> set[Key]:
    """What is in the database by the models, under its present or a former name."""
    return {
        key
        for key in live
        if _is_declared(live[live.root(key)], declared) or renamed.intersection(live.chain(key))
    }


def _is_declared(fact: Fact, declared: Facts) -> bool:
    """Whether it is declared, or a former version of a function that is."""
    return fact.key in declared or fact.namesakes in declared.namesakes


def _worded_otherwise(found: Scoped) -> bool:
    """Whether an expression differs, be it in words: a restored one may print otherwise."""
    return any(
        different.old is not None
        and different.new is not None
        and differing(different.old, different.new) & EXPRESSIONS
        for different in differences(found.live, found.target)
    )


def _as_printed(
    found: Scoped,
    moves: Sequence[Rename],
    beside: Connection,
    bare: Facts,
    declared: Facts,
    scope: Scope,
    reach: Reach | None,
) -> Scoped:
    """Return what the scratch server prints of the database, made there with names changed."""
    renamed = _renamed(found, moves)
    before = found.with_declared(renamed)
    statements = [statement.sql for move in moves for statement in move.up]
    wanted = owned_by_login(before if reach is None else before.only(reach.within(before, bare)))
    made = wanted.without(beyond(wanted, wanted.login))
    there = rebuilt(beside, bare, made, statements)
    unmade = [before[key] for key in wanted.keys() - made.keys()]
    there = reach.laid_over(before, there) if reach is not None else there.with_facts(*unmade)
    left = tuple(key for key in found.undeclared if key not in renamed)
    return replace(scoped(with_roles_of(before, there), declared, scope), undeclared=left)
