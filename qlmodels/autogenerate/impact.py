"""How far a change reaches: what goes, comes, is altered, and has to be made again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qlmodels.autogenerate.diff import misplaced
from qlmodels.autogenerate.facts import Key
from qlmodels.autogenerate.writer import KIND_WRITERS, CannotWrite, Change
from qlmodels.autogenerate.writer.base import differing
from qlmodels.autogenerate.writer.types import aside

# What stands in the way of ALTER COLUMN TYPE, and is made again after it.
DEPENDENT_KINDS_REBUILT = {
    "view",
    "materialized view",
    "policy",
    "trigger",
    "function",
    "publication table",
    "column",
}


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
        self._replace(user for user in users if user.kind != "column")
        for key in changed:
            self._replace(self._blocking(key))
        for key in self.source.keys() ^ self.target.keys():
            if key.kind == "acl":
                self._replace([_columns_too(key)])
        while broken := [key for key in self._tables() if self._misplaced(key)]:
            self.rebuilt.update(broken)
            self._replace(broken)
        self.altered = changed - self.replaced
        self.made = (self.target.keys() - self.source.keys()) | self.replaced
        self.dropped = (self.source.keys() - self.target.keys()) | self.replaced
        self.change = replace(change, made=frozenset(self.made))

    def _tables(self) -> list[Key]:
        both = self.source.keys() & self.target.keys()
        return [key for key in both if key.kind == "table" and key not in self.rebuilt]

    def _misplaced(self, table: Key) -> bool:
        return misplaced(table, self.source, self.target, self.replaced)

    def _blocking(self, key: Key) -> Iterator[Key]:
        """What cannot stay as it is while `key` changes."""
        old, new = self.source[key], self.target[key]
        if key.kind == "column" and differing(old, new) & {"type", "collation"}:
            yield Key("default", key.name)
            for dependent in self.source.dependents(key):
                foreign = self.source[dependent]["type"] == "foreign key"
                if dependent.kind in DEPENDENT_KINDS_REBUILT or foreign:
                    yield dependent
        if key.kind == "acl":
            yield _columns_too(key)

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
            if key.kind == "column":
                pending.append(Key("column acl", str(self.source[key].of)))

    def _refuse_loss(self, key: Key) -> None:
        fact = self.source[key]
        lasting = key.kind in {"schema", "extension", "role"} or (
            key.kind == "table" and key not in self.rebuilt
        )
        if key.kind == "column":
            lasting = (
                not fact["generated"]
                and fact.of not in self.rebuilt
                and (not self.target[key]["generated"])
            )
        if lasting:
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
        if key.kind == "type"
        and key in target
        and source[key].properties != target[key].properties
        and _unalterable(key, change)
    ]
    aside: set[Key] = set()
    while pending:
        key = pending.pop()
        aside.add(key)
        pending += [d for d in source.dependents(key) if d.kind == "type" and d not in aside]
    return sorted(aside)


def _with_aside(types: list[Key], change: Change) -> Change:
    """As it is then: columns are of the former types, and the new ones are yet to be made."""
    source = change.source
    columns = [
        replace(source[column], properties={**source[column].properties, "type": former})
        for key in types
        for column in source.dependents(key)
        if column.kind == "column" and (former := aside(key, source[column]["type"]))
    ]
    return replace(change, source=source.with_facts(*columns).without(types)) if types else change


def _unalterable(key: Key, change: Change) -> bool:
    return KIND_WRITERS[key.kind].alter(change.source[key], change.target[key], change) is None


def _columns_too(acl: Key) -> Key:
    """What is revoked on a table is revoked on its columns as well."""
    return Key("column acl", acl.name)
