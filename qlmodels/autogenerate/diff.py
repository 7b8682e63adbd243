"""What differs between two sets of facts, told once: not again for what hangs on it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qlmodels.autogenerate.facts import Fact, Facts, Key
from qlmodels.autogenerate.writer import KINDS


@dataclass(frozen=True)
class SchemaDifference:
    """A fact of the database (`old`) against the same fact of the models (`new`)."""

    key: Key
    old: Fact | None
    new: Fact | None

    @property
    def sign(self) -> str:
        return "+" if self.old is None else "-" if self.new is None else "~"


def differences(source: Facts, target: Facts) -> list[SchemaDifference]:
    """What has to be made (+), unmade (-) and changed (~) to come from one to the other."""
    return [
        *(SchemaDifference(key, None, target[key]) for key in target if _root(key, target, source)),
        *(SchemaDifference(key, source[key], None) for key in source if _root(key, source, target)),
        *_changes(source, target),
    ]


def missing(here: Facts, there: Facts) -> set[Key]:
    """What is here alone; what is inherited over there is no fact of its own, but exists."""
    return {key for key in here.keys() - there.keys() if not _is_inherited(key, here, there)}


def _is_inherited(key: Key, here: Facts, there: Facts) -> bool:
    whole = there.get(here[key].parent) if here[key].of is not None else None
    return whole is not None and str(key) in (whole.sql.get("inherited") or ())


def _root(key: Key, here: Facts, there: Facts) -> bool:
    """Missing over there, and not because of what it hangs on."""
    if key in there or _is_inherited(key, here, there):
        return False
    above = here[key].of
    said = above is not None and above not in there
    return not said or (
        above is not None and above.kind == "schema" and not KINDS[key.kind].satellite
    )


def _changes(source: Facts, target: Facts) -> Iterator[SchemaDifference]:
    for key in source:
        if key in target and (
            source[key].properties != target[key].properties or misplaced(key, source, target)
        ):
            yield SchemaDifference(key, source[key], target[key])


def misplaced(table: Key, source: Facts, target: Facts, replaced: Iterable[Key] = ()) -> bool:
    """Whether the columns that stay are in another order, or new ones are among them.

    No where nobody asked for an order.
    """
    if not target[table].sql.get("ordered"):
        return False
    gone = {key.name for key in replaced if key.kind == "column"}
    old = [c for c in source[table].sql["columns"] if f"{table.name}.{c}" not in gone]
    new = list(target[table].sql["columns"])
    kept = [column for column in old if column in new]
    return new[: len(kept)] != kept


def heading(found: Iterable[SchemaDifference]) -> str:
    """`+2 policies, ~1 index, -1 grant`"""
    counts = Counter((difference.sign, _noun(difference.key.kind)) for difference in found)
    ordered = sorted(counts.items(), key=lambda item: ("+~-".index(item[0][0]), item[0][1]))
    return ", ".join(
        f"{sign}{count} {one if count == 1 else many}" for (sign, (one, many)), count in ordered
    )


def _noun(kind: str) -> tuple[str, str]:
    """What one is called, and several."""
    one = KINDS[kind].noun or kind
    return one, KINDS[kind].plural or f"{one}s"
