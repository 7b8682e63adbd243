"""The mutations: one file a kind, in `mutations/fleet` and `mutations/workshop`.

    -- case: what was done behind the models' back
    -- by: superuser        (else the migrating owner)
    -- from: 17             (the first major version that knows it)
    -- expects: seen        (else: seen, repaired and undone)
    alter table ...;
    -- afterwards
    ...;                    (for what belongs to the server, and so outlives the database)

`:database` stands for the name of the database at hand.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast, get_args

Schema = Literal["fleet", "workshop"]
Expected = Literal["nothing", "seen", "repaired", "undone"]

FOLDER = Path(__file__).parent / "mutations"
HEAD = re.compile(r"^-- case: ", re.MULTILINE)
ATTRIBUTE = re.compile(r"^-- (by|from|expects): (\S+)\n", re.MULTILINE)
AFTERWARDS = "\n-- afterwards\n"


@dataclass(frozen=True)
class Case:
    schema: Schema
    kind: str
    name: str
    mutation: str
    afterwards: str = ""
    by_superuser: bool = False
    first_major: int = 15
    expected: Expected = "undone"
    """`nothing`: not ours; `seen`: reported only, for it is of no kind that is compared or none but
    a superuser may mend it; `repaired`: and nobody but a superuser could undo that.
    """

    @cached_property
    def label(self) -> str:
        return f"{self.schema}/{self.kind}: {self.name}"


def all_cases(major: int) -> list[Case]:
    """What a server of this major version can be put through, ordered by kind."""
    found = [case for path in FOLDER.glob("*/*.sql") for case in read(path)]
    known = [case for case in found if case.first_major <= major]
    return sorted(known, key=lambda case: (case.kind, case.schema))


def read(path: Path) -> list[Case]:
    """The cases of one file, whose folder names the schema and whose stem names the kind."""
    _, *texts = HEAD.split(path.read_text(encoding="utf-8"))
    schema = cast(Schema, path.parent.name)
    return [_parse(schema, path.stem.replace("_", " "), text) for text in texts]


def _parse(schema: Schema, kind: str, text: str) -> Case:
    name, _, rest = text.partition("\n")
    attributes = dict(ATTRIBUTE.findall(rest))
    mutation, _, afterwards = ATTRIBUTE.sub("", rest).partition(AFTERWARDS)
    expected = attributes.get("expects", "undone")
    if expected not in get_args(Expected):
        raise ValueError(f"{kind}: {name}: expects {expected}, which is none of {Expected}")
    return Case(
        schema,
        kind,
        name,
        mutation.strip(),
        afterwards.strip(),
        by_superuser=attributes.get("by") == "superuser",
        first_major=int(attributes.get("from", 15)),
        expected=cast(Expected, expected),
    )
