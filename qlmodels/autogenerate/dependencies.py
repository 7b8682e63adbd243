"""pg_depend, turned from addresses in the catalogs into names of facts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from qlmodels.autogenerate.facts import Key

CatalogAddress = tuple[int, int, int]
"""Where the catalogs keep an object: catalog, OID, column number."""

CatalogRows = Sequence[Row[*tuple[Any, ...]]]


def whole(at: CatalogAddress) -> CatalogAddress:
    """The object that `at` is or is a column of."""
    return at if not at[2] else (at[0], at[1], 0)


class Dependencies:
    """What needs what, with objects that Postgres keeps for itself folded into their owners."""

    def __init__(self, rows: CatalogRows) -> None:
        edges = [((a, b, c), (d, e, f), kind) for a, b, c, d, e, f, kind in rows]
        self._members = {whole(a): b for a, b, kind in edges if kind == "e"}
        # what a partition has because its whole has it
        clones = {a: b for a, b, kind in edges if kind == "P"}
        self._owner = {a: b for a, b, kind in edges if kind == "i"} | clones
        self._edges = (
            [(a, b) for a, b, _ in edges if a not in clones]
            if clones
            else [(a, b) for a, b, _ in edges]
        )

    def is_member(self, at: CatalogAddress) -> bool:
        """Whether an extension has it."""
        return whole(at) in self._members

    def by_name(self, names: Mapping[CatalogAddress, Key]) -> Mapping[Key, set[Key]]:
        """What each of `names` needs."""
        needs: dict[Key, set[Key]] = defaultdict(set)
        known: dict[CatalogAddress, Key | None] = {}

        def resolved(at: CatalogAddress) -> Key | None:
            if at not in known:
                known[at] = self._resolve(at, names)
            return known[at]

        for at, key in names.items():
            if at[2] < 0 and (index := resolved(whole(at))):
                needs[key].add(index)
        for a, b in self._edges:
            if (this := resolved(a)) is None:
                continue
            that = resolved(b)
            if that is not None and this != that:
                needs[this].add(that)
        return needs

    def _resolve(self, at: CatalogAddress, names: Mapping[CatalogAddress, Key]) -> Key | None:
        """The fact that `at` belongs to: itself, its owner, its extension, its whole."""
        seen: set[CatalogAddress] = set()
        while at not in seen:
            seen.add(at)
            if (extension := self._members.get(whole(at))) is not None:
                return names.get(extension)
            if at in names:
                return names[at]
            at = self._owner.get(at) or self._owner.get(whole(at)) or whole(at)
        return None
