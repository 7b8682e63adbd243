"""How far a change reaches: what goes, comes, is altered, and has to be made again."""

from collections.abc import Iterable, Iterator

from qlmodels.autogenerate.diff import misplaced, same
from qlmodels.autogenerate.facts import Key
from qlmodels.autogenerate.writer import WRITERS, CannotWrite, Change
from qlmodels.autogenerate.writer.base import differing

# What stands in the way of ALTER COLUMN TYPE, and is made again after it.
IN_THE_WAY = {
    "view", "materialized view", "policy", "trigger", "function", "publication table", "column",
}  # fmt: skip


class Reach:
    """Which facts go, come, change, and have to be made again."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.source, self.target = change.source, change.target
        self.replaced: set[Key] = set()
        self.rebuilt: set[Key] = set()
        changed = {
            key for key in self.source.keys() & self.target.keys()
            if same(self.source[key]) != same(self.target[key])
        }  # fmt: skip
        self._replace([key for key in changed if self._unalterable(key)])
        for key in changed:
            self._replace(self._blocking(key))
        while broken := [key for key in self._tables() if self._misplaced(key)]:
            self.rebuilt.update(broken)
            self._replace(broken)
        self.altered = changed - self.replaced
        self.made = (self.target.keys() - self.source.keys()) | self.replaced
        self.dropped = (self.source.keys() - self.target.keys()) | self.replaced

    def makes_function(self, key: Key) -> bool:
        return key.kind == "function"

    def _tables(self) -> list[Key]:
        both = self.source.keys() & self.target.keys()
        return [key for key in both if key.kind == "table" and key not in self.rebuilt]

    def _misplaced(self, table: Key) -> bool:
        return misplaced(table, self.source, self.target, self.replaced)

    def _unalterable(self, key: Key) -> bool:
        writer = WRITERS[key.kind]
        return writer.alter(self.source[key], self.target[key], self.change) is None

    def _blocking(self, key: Key) -> Iterator[Key]:
        """What cannot stay as it is while `key` changes."""
        old, new = self.source[key], self.target[key]
        if key.kind == "column" and differing(old, new) & {"type", "collation"}:
            yield Key("default", key.name)
            for dependent in self.source.dependents(key):
                foreign = self.source[dependent]["type"] == "foreign key"
                if dependent.kind in IN_THE_WAY or foreign:
                    yield dependent
        if key.kind == "acl":  # privileges on a table take those on its columns along
            yield Key("column acl", key.name)

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
