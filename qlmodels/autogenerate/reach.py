"""The part of a schema that a change can reach, which is all that a proof has to make."""

import re
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Self

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.writer import KINDS
from qlmodels.autogenerate.writer.base import bare
from qlmodels.ddl.quoting import unquoted

KEYS = {"primary key", "unique"}
WORD_OF_BODY = re.compile(r"\w+")
MAX_SHARE = 0.5
"""Of all free-standing objects: where a change reaches more, all of them are made."""


@dataclass(frozen=True)
class Reach:
    """Free-standing objects that are made whole, and those of which a reference needs a part.

    Whole are those that differ, those that use what differs, and those that the body of a function
    among them names.
    """

    whole: frozenset[Key]
    referred: frozenset[Key] = frozenset()

    @classmethod
    def of(cls, sides: tuple[Facts, Facts], different: Iterable[Key]) -> Self | None:
        """How far a change of `different` reaches; None where that is most of the schema."""
        every = {root for facts in sides for root in _optional(facts)}
        named: dict[str, set[Key]] = {}
        for root in every:
            named.setdefault(unquoted(bare(root.name).partition("(")[0]), set()).add(root)
        keys = list(different)
        whole = {root for facts in sides for root in _touched(facts, keys)}
        while True:
            reach = cls(frozenset(whole))
            parts = [facts.only(reach.within(facts)) for facts in sides]
            words = {word for part in parts for word in _spoken(part)}
            more = {root for word in words & named.keys() for root in named[word]} - whole
            if len(whole | more) > MAX_SHARE * len(every):
                return None
            if not more:
                referred = {part.root(key) for part in parts for key in part} & every - whole
                return cls(frozenset(whole), frozenset(referred))
            whole |= more

    def within(self, facts: Facts, there: Collection[Key] = ()) -> set[Key]:
        """Keys of what is made of `facts`: the part, and what no object of a schema has.

        What is `there` anyway is in it too.
        """
        optional = set(_optional(facts)) - self.whole - set(there)
        keys = {key for key in facts if facts.root(key) not in optional}
        needs = {facts.root(need) for key in keys for need in facts[key].needs} & optional
        roots = needs | (self.referred & optional)
        referred = skeleton(facts, roots, keys).keys()
        owners = {Key("owner", str(key)) for key in referred}
        return keys | referred | (owners & facts.keys())

    def laid_over(self, facts: Facts, part: Facts) -> Facts:
        """Return `facts` with what is whole as `part` has it."""
        return facts.with_facts(*(part[key] for key in part if part.root(key) in self.whole))


def _optional(facts: Facts) -> Iterator[Key]:
    """What stands in a schema and can be left out with all that hangs on it."""
    for key, fact in facts.items():
        kind = KINDS[key.kind]
        if kind.standalone and not kind.shared and not kind.leads and facts.root(key) == key:
            yield fact.key


def _touched(facts: Facts, different: Iterable[Key]) -> set[Key]:
    """What differs and what uses it, by the free-standing objects that have it."""
    roots = {facts.root(key) for key in different if key in facts}
    pending = [key for key in facts if facts.root(key) in roots]
    seen: set[Key] = set()
    while pending:
        key = pending.pop()
        if key not in seen:
            seen.add(key)
            pending += facts.dependents(key)
            pending += [child.key for child in facts.children(key)]
    return {facts.root(key) for key in seen}


def _spoken(part: Facts) -> Iterator[str]:
    """Words of the bodies of functions, which name what no catalog says that they need."""
    for fact in part.values():
        if KINDS[fact.kind].bodies:
            yield from _words(fact)


def _words(fact: Fact) -> Set[str]:
    return set(WORD_OF_BODY.findall(str(fact["definition"])))


def skeleton(live: Facts, roots: Iterable[Key], ours: Set[Key]) -> Facts:
    """Return as much of `roots`, and of what they need, as makes a reference to them possible."""
    chosen: dict[Key, Fact] = {}
    pending = list(roots)
    while pending:
        root = pending.pop()
        if root in chosen or root in ours or root not in live:
            continue
        for fact in _parts(live, root):
            chosen[fact.key] = fact
            pending += [live.root(need) for need in fact.needs]
            if fact.of is not None and fact.of.kind == "schema":
                pending.append(fact.of)
    return Facts(chosen, live.login).only(chosen.keys())


def _parts(live: Facts, root: Key) -> Iterator[Fact]:
    yield live[root]
    if root.kind == "table":
        yield from live.children(root, "column")
        for constraint in live.children(root, "constraint"):
            if constraint["type"] in KEYS:
                yield constraint
