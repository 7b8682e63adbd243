"""How far a change reaches: what goes, comes, is altered, and has to be made again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qlmodels.autogenerate.diff import misplaced, missing
from qlmodels.autogenerate.facts import Fact, Key
from qlmodels.autogenerate.writer import KINDS, CannotWrite, Change, inline_order
from qlmodels.autogenerate.writer.base import differing
from qlmodels.autogenerate.writer.types import former


class Impact:
    """Which facts go, come, change, and have to be made again."""

    def __init__(self, change: Change) -> None:
        self.aside = _types_aside(change)
        users = {user for key in self.aside for user in change.source.dependents(key)}
        self.change = change = _with_aside(self.aside, change)
        self.source, self.target = change.source, change.target
        self.replaced: set[Key] = set()
        self.rebuilt: set[Key] = set()
        changed = {
            key
            for key in self.source.keys() & self.target.keys()
            if self.source[key].properties != self.target[key].properties
        }
        self._replace([key for key in changed if _unalterable(key, change)])
        self._replace(self._rebound())
        self._replace(user for user in users if user.kind != "column")
        for key in changed:
            self._replace(self._blocking(key))
        for key in self.source.keys() ^ self.target.keys():
            self._replace(_reset_with(key))
        while broken := [key for key in self._tables() if self._misplaced(key)]:
            self.rebuilt.update(broken)
            self._replace(broken)
        self.altered = changed - self.replaced
        self.made = missing(self.target, self.source) | self.replaced
        self.dropped = missing(self.source, self.target) | self.replaced
        self.change = replace(change, made=self.made, rebuilt=self.rebuilt)

    def _tables(self) -> list[Key]:
        both = self.source.keys() & self.target.keys()
        return [key for key in both if key not in self.rebuilt]

    def _misplaced(self, table: Key) -> bool:
        return misplaced(table, self.source, self.target, self.replaced)

    def _rebound(self) -> Iterator[Key]:
        """What needs something that goes, and is the same to read: it is bound to another then.

        While a function has a namesake, no statement says which of them is meant.
        """
        for key in self.source.keys() - self.target.keys():
            ambiguous = self.source[key].namesakes in self.target.namesakes
            for user in self.source.dependents(key):
                old, new = self.source[user], self.target.get(user)
                if new is not None and (ambiguous or old.properties == new.properties):
                    yield user

    def _blocking(self, key: Key) -> Iterator[Key]:
        """What cannot stay as it is while `key` changes."""
        old, new = self.source[key], self.target[key]
        if old.of is not None and differing(old, new) & {"type", "collation"}:
            yield from (d.key for d in self.source.children(key) if inline_order(d))
            for dependent in self.source.dependents(key):
                if KINDS[dependent.kind].blocks(self.source[dependent]):
                    yield dependent
        yield from _reset_with(key)

    def _replace(self, keys: Iterable[Key]) -> None:
        pending = list(keys)
        while pending:
            key = pending.pop()
            if key in self.replaced or key not in self.target or key not in self.source:
                continue
            self._refuse_loss(key)
            self.replaced.add(key)
            pending += [child.key for child in self.source.children(key)]
            pending += self.source.dependents(key)
            pending += self._naming(self.source[key])

    def _naming(self, part: Fact) -> Iterator[Key]:
        """What is said of the same whole, and names this part of it."""
        beside = self.source.children(part.of) if part.of is not None else ()
        return (fact.key for fact in beside if part.sql.get("name") in fact.sql.get("names", ()))

    def _refuse_loss(self, key: Key) -> None:
        kind, moved = KINDS[key.kind], self.rebuilt & {key, self.source[key].of}
        if not moved and kind.holds(self.source[key]) and kind.holds(self.target[key]):
            raise CannotWrite(
                f"{key} would have to be dropped and made again, and its data be lost:"
                " write this step by hand"
            )


def _types_aside(change: Change) -> list[Key]:
    """Types that ALTER cannot change: they make way, until nothing is of them any more."""
    source, target = change.source, change.target
    pending = [
        key
        for key in source
        if KINDS[key.kind].makes_way(source[key])
        and key in target
        and source[key].properties != target[key].properties
        and _unalterable(key, change)
    ]
    aside: set[Key] = set()
    while pending:
        key = pending.pop()
        aside.add(key)
        dependents = [d for d in source.dependents(key) if KINDS[d.kind].makes_way(source[d])]
        pending += [d for d in dependents if d not in aside]
    return sorted(aside)


def _with_aside(types: list[Key], change: Change) -> Change:
    """As it is then: columns are of the former types, and the new ones are yet to be made."""
    source = change.source
    columns = [
        replace(source[column], properties={**source[column].properties, "type": type_})
        for key in types
        for column in source.dependents(key)
        if column.kind == "column" and (type_ := former(key, source[column]["type"]))
    ]
    return replace(change, source=source.with_facts(*columns).without(types)) if types else change


def _unalterable(key: Key, change: Change) -> bool:
    return KINDS[key.kind].alter(change.source[key], change.target[key], change) is None


def _reset_with(key: Key) -> Iterator[Key]:
    """What a change of `key` takes away: privileges on a table, those on its columns."""
    return (Key(kind, key.name) for kind in KINDS[key.kind].resets)
