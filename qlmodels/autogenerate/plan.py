"""Puts statements into an order that runs.

First what goes away, dependents before what they need; then what changes and what is made, needs
before dependents; at last what could not go before. What ALTER cannot do is dropped and made
again, and takes along whatever depends on it.
"""

from collections.abc import Iterator, Sequence

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.impact import Impact
from qlmodels.autogenerate.writer import (
    KINDS,
    CannotWrite,
    Change,
    Statement,
    inline_order,
    privileges,
    tables,
    types,
)
from qlmodels.autogenerate.writer.base import WholeWriter

RANKS = {kind: rank for rank, kind in enumerate(KINDS)}
WITHOUT_BODIES = Statement("set local check_function_bodies = off")


def plan(change: Change) -> list[Statement]:
    """Statements that lead from the source's facts to the target's."""
    scope = Impact(change)
    makes = list(_Makes(scope).statements())
    drops = _Drops(scope, change.source)
    statements = [*drops.early(), *makes, *drops.late()]
    statements += map(Statement, dict.fromkeys(s.dropped for s in statements if s.dropped))
    if any(KINDS[key.kind].bodies for key in scope.made | scope.altered):
        statements.insert(0, WITHOUT_BODIES)
    return statements


class _Drops:
    def __init__(self, scope: Impact, whole: Facts) -> None:
        self.scope = scope
        self.source, self.whole = scope.source, whole
        self.forced: set[Key] = set()
        self.order = list(self._ordered())
        self.belated = self._belated()

    def early(self) -> Iterator[Statement]:
        for key in self.order:
            if key in self.scope.rebuilt:
                yield from tables.move_aside(self.source[key], self.scope.change)
            elif key not in self.belated and self._explicit(key):
                yield from self._drop(key)
        for key in self.scope.aside:
            yield from types.move_aside(self.whole[key])

    def late(self) -> Iterator[Statement]:
        for key in sorted(self.scope.rebuilt):
            yield tables.drop_aside(self.source[key])
        for key in self.order:
            if key in self.belated and self._explicit(key):
                yield from self._drop(key)
        for key in self.scope.aside:
            yield types.drop_aside(self.whole[key])

    def _drop(self, key: Key) -> Iterator[Statement]:
        return KINDS[key.kind].drop(self.source[key], self.scope.change)

    def _ordered(self) -> Iterator[Key]:
        open_: set[Key] = set()
        done: set[Key] = set()

        def visit(key: Key) -> Iterator[Key]:
            if key in open_ or key not in self.scope.dropped:
                return
            open_.add(key)
            children = [child.key for child in self.source.children(key)]
            for above in sorted({*self.source.dependents(key), *children}, key=_rank, reverse=True):
                top = self._goes_with(above)
                if top is None or top in (key, self._goes_with(key)):
                    yield from visit(above)
                elif top in done or top not in open_:
                    yield from visit(top)
                else:  # a circle: it cannot wait for what it hangs on
                    self.forced.add(above)
                    yield from visit(above)
            yield key
            done.add(key)

        for key in sorted(self.scope.dropped, key=_rank, reverse=True):
            yield from visit(key)

    def _goes_with(self, key: Key) -> Key | None:
        """The free-standing thing whose drop takes `key` along."""
        return next((k for k in reversed(self._above(key)) if k in self.scope.dropped), None)

    def _above(self, key: Key) -> Sequence[Key]:
        """What takes `key` along when it is dropped; a schema takes only what is said of it."""
        above = self.source.chain(key)[1:]
        of_schema = KINDS[key.kind].satellite and above[:1] and above[0].kind == "schema"
        return above if of_schema else [k for k in above if k.kind != "schema"]

    def _explicit(self, key: Key) -> bool:
        """False where it goes away with what it hangs on."""
        if key in self.forced:
            return True
        above = self._above(key)
        moved = any(k in self.scope.rebuilt for k in above)
        if moved:
            outside = {
                need
                for need in self.source[key].needs & self.scope.dropped
                if self.source.root(need) not in above
            }
            return bool(outside) and not KINDS[key.kind].goes_along
        return not any(k in self.scope.dropped for k in above)

    def _belated(self) -> set[Key]:
        """What something that stays needs until it has been altered, and what that needs."""
        belated: set[Key] = set()
        pending = [
            key
            for key in self.scope.dropped - self.scope.replaced
            if any(self._stays(dependent) for dependent in self.source.dependents(key))
        ]
        while pending:
            key = pending.pop()
            if key in belated or key not in self.scope.dropped or key in self.scope.replaced:
                continue
            belated.add(key)
            pending += [*self.source[key].needs, *self.source.chain(key)[1:]]
        return belated

    def _stays(self, key: Key) -> bool:
        """For now: what a rebuilt table has stays until its rows are copied."""
        of_rebuilt = KINDS[key.kind].goes_along and self.source[key].of in self.scope.rebuilt
        return of_rebuilt or key not in self.scope.dropped


class _Makes:
    def __init__(self, scope: Impact) -> None:
        self.scope = scope
        self.target = scope.target
        self.wanted = scope.made | scope.altered
        self._positions = {key: position for position, key in enumerate(self.target)}
        self.done: set[Key] = set()
        self.open: set[Key] = set()

    def statements(self) -> Iterator[Statement]:
        left = sorted(self.wanted, key=self._place)
        while left:
            for key in left:
                yield from self._visit(key)
            still = [key for key in left if key not in self.done]
            if still == left:
                raise CannotWrite(f"these need each other: {', '.join(map(str, left))}")
            left = still

    def _place(self, key: Key) -> tuple[int, str, tuple[int, str]]:
        """Columns of a table in the order in which it declares them; all else by name."""
        rank, name = _rank(key)
        if key.kind == "column":
            return rank, str(self.target[key].parent), (self._positions[key], name)
        return rank, name, (0, "")

    def _visit(self, key: Key) -> Iterator[Statement]:
        """Nothing, for now, where something that it needs is being made at the moment."""
        if key in self.done or key in self.open or key not in self.wanted:
            return
        fact = self.target[key]
        self.open.add(key)
        for need in sorted(self._needs(fact), key=_rank):
            yield from self._visit(need)
        if key not in self.done and self._ready(fact):
            yield from self._make(fact)
            self.done.add(key)
        self.open.discard(key)

    def _needs(self, fact: Fact) -> set[Key]:
        needs = set(fact.needs)
        if fact.of is not None:
            needs.add(fact.of)
        return needs.union(Key(kind, fact.name) for kind in KINDS[fact.kind].after)

    def _ready(self, fact: Fact) -> bool:
        return all(need in self.done or need not in self.wanted for need in self._needs(fact))

    def _make(self, fact: Fact) -> Iterator[Statement]:
        kind, change = KINDS[fact.kind], self.scope.change
        if fact.key in self.scope.made:
            if kind.whole is not None:
                yield from self._bundle(fact, kind.whole)
            else:
                yield from kind.create(fact, change)
                yield from privileges.fresh(fact, change)
            return
        statements = list(kind.alter(self.scope.source[fact.key], fact, change) or ())
        follows = kind.satellite or fact.sql.get("inherited")  # of another that was changed
        if not statements and not follows:
            raise CannotWrite(f"{fact.key} differs, and no statement is known that changes it")
        yield from statements

    def _bundle(self, whole: Fact, write: WholeWriter) -> Iterator[Statement]:
        """A new table with all of it that can be said in CREATE TABLE."""
        parts = self._parts(whole.key)
        own = {whole.key, *(part.key for part in parts)}
        inline = []
        for part in parts:
            outside = sorted(part.needs - own, key=_rank)
            for need in outside:
                yield from self._visit(need)
            if all(need in self.done or need not in self.wanted for need in outside):
                inline.append(part)
        self.done.update(p.key for p in parts if p in inline or KINDS[p.kind].goes_along)
        yield from write(whole, inline, self.scope.change)

    def _parts(self, key: Key) -> list[Fact]:
        """What hangs on `key` and may be made with it, in the order in which it is said."""
        below = [part for child in self.target.children(key) for part in self._below(child)]
        return sorted(below, key=lambda part: inline_order(part) or ())

    def _below(self, fact: Fact) -> Iterator[Fact]:
        if inline_order(fact) is not None:
            yield fact
            for child in self.target.children(fact.key):
                yield from self._below(child)


def _rank(key: Key) -> tuple[int, str]:
    """Privileges and owners of schemas come with them: what follows may need them."""
    satellite = KINDS[key.kind].satellite
    led = key.name.partition(" ")[0] if satellite else key.kind
    if led in KINDS and KINDS[led].leads:
        return RANKS[led], f"{key.name} {key.kind}" if satellite else f"{key.kind} {key.name}"
    return RANKS[key.kind], key.name
