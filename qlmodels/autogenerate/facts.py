"""What a database holds, as values that can be compared: no OID, no connection, no SQL."""

import re
from collections import defaultdict
from collections.abc import (
    Collection,
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    Set,
    ValuesView,
)
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

_PART = re.compile(r'"(?:[^"]|"")*"|[^".]+')


def parts(name: str) -> list[str]:
    """Schema, table and column of a qualified name, each quoted as it is there."""
    return _PART.findall(name)


class Key(NamedTuple):
    """What a fact is about. `name` is qualified and quoted as Postgres prints it."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Fact:
    """One thing that can be changed by itself: a table, a column, an owner, a comment.

    `of` is what it goes away with when that is dropped; `needs` is what must be there before it.
    `properties` are compared; `sql` is how it is made, unmade and set, as `writer.base` reads it.
    """

    key: Key
    of: Key | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    sql: Mapping[str, Any] = field(default_factory=dict)
    needs: frozenset[Key] = frozenset()

    def __getitem__(self, name: str) -> Any:
        return self.properties.get(name)

    @property
    def namesakes(self) -> str | None:
        """What it shares with others of its kind that differ in their arguments alone."""
        return self.sql.get("namesakes")

    @property
    def parent(self) -> Key:
        """What this hangs on, for kinds that always hang on something."""
        if self.of is None:
            raise LookupError(f"{self.key} hangs on nothing")
        return self.of

    @property
    def kind(self) -> str:
        return self.key.kind

    @property
    def name(self) -> str:
        return self.key.name


@dataclass(frozen=True)
class CurrentLogin:
    """Who read the facts: what it may not do, it must not be told to do."""

    superuser: bool = False
    createdb: bool = False
    bypassrls: bool = False
    replication: bool = False
    major: int = 0
    owns_database: bool = True
    strangers: Collection[str] = ()
    unadministered: Collection[str] = ()


class Facts(Mapping[Key, Fact]):
    """All facts of one database, by key, in the order they were read."""

    def __init__(self, facts: Mapping[Key, Fact], login: CurrentLogin | None = None) -> None:
        self._facts = dict(facts)
        self._chains: dict[Key, tuple[Key, ...]] = {}
        self.login = login or CurrentLogin()

    def __getitem__(self, key: Key) -> Fact:
        return self._facts[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, key: object) -> bool:
        return key in self._facts

    def keys(self) -> KeysView[Key]:
        return self._facts.keys()

    def values(self) -> ValuesView[Fact]:
        return self._facts.values()

    def items(self) -> ItemsView[Key, Fact]:
        return self._facts.items()

    @cached_property
    def _children(self) -> Mapping[Key, list[Key]]:
        children: dict[Key, list[Key]] = defaultdict(list)
        for fact in self._facts.values():
            if fact.of is not None:
                children[fact.of].append(fact.key)
        return children

    @cached_property
    def _dependents(self) -> Mapping[Key, list[Key]]:
        dependents: dict[Key, list[Key]] = defaultdict(list)
        for fact in self._facts.values():
            for need in fact.needs:
                dependents[need].append(fact.key)
        return dependents

    @cached_property
    def invalid(self) -> Set[Key]:
        """What a failure left unfinished, such as an index built beside writers."""
        return {fact.key for fact in self._facts.values() if fact["invalid"]}

    @cached_property
    def namesakes(self) -> Set[str]:
        """Names that functions have, whatever their arguments."""
        return {fact.namesakes for fact in self._facts.values() if fact.namesakes is not None}

    def children(self, key: Key, kind: str | None = None) -> list[Fact]:
        """What hangs directly on `key`, of one kind or all."""
        return [self[child] for child in self._children.get(key, ()) if kind in (None, child.kind)]

    def dependents(self, key: Key) -> list[Key]:
        """What directly needs `key`, besides what hangs on it."""
        return self._dependents.get(key, [])

    def chain(self, key: Key) -> tuple[Key, ...]:
        """`key`, what it hangs on, and what that hangs on, up to the schema."""
        if (known := self._chains.get(key)) is None:
            of = self._facts[key].of if key in self._facts else None
            known = self._chains[key] = (key,) if of is None else (key, *self.chain(of))
        return known

    def root(self, key: Key) -> Key:
        """The free-standing object that `key` is or hangs on (a table, a view, a function)."""
        *below, last = self.chain(key)
        return below[-1] if below and last.kind == "schema" else last

    def of_kind(self, kind: str) -> Iterator[Fact]:
        return (fact for fact in self._facts.values() if fact.kind == kind)

    def without(self, gone: Collection[Key]) -> "Facts":
        """Less these and what hangs on them."""
        return self.only({key for key in self if not any(k in gone for k in self.chain(key))})

    def only(self, keys: Set[Key]) -> "Facts":
        """The facts under `keys`, needing nothing that was left out."""
        kept = {
            key: fact if fact.needs <= keys else replace(fact, needs=fact.needs & keys)
            for key, fact in self._facts.items()
            if key in keys
        }
        return Facts(kept, self.login)

    def with_facts(self, *facts: Fact) -> "Facts":
        """These facts, with some put in or put in place of others."""
        return Facts(self._facts | {fact.key: fact for fact in facts}, self.login)
