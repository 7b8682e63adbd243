"""What others have in the database and the models use: made in scratch, and never compared.

A foreign key to a platform's table, a type of an extension that nobody declared, a function of
another history: without them the models' SQL does not run. Of a table as much is made as a
reference needs: columns and keys.
"""

import logging
import re
from collections.abc import Iterable, Set

from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DBAPIError

from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.reach import skeleton
from qlmodels.autogenerate.reader import VERBATIM, read, run_file
from qlmodels.autogenerate.scratch import is_copy
from qlmodels.autogenerate.writer import Change
from qlmodels.autogenerate.writer.base import CannotWrite
from qlmodels.ddl.objects import Extension, declared
from qlmodels.ddl.quoting import PUBLIC, identifier, unquoted

log = logging.getLogger("alembic.qlmodels")

MADE_KINDS = {
    "schema",
    "extension",
    "type",
    "sequence",
    "table",
    "column",
    "function",
    "view",
    "materialized view",
}

NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
QUALIFIED = re.compile(rf"({NAME})(?:\.({NAME}))?")
CREATED = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:unlogged\s+|materialized\s+|recursive\s+)*"
    r"(?:table|view|function|procedure|aggregate|type|domain|sequence|schema|extension)\s+"
    rf"(?:if\s+not\s+exists\s+)?({NAME}(?:\.{NAME})?)",
    re.IGNORECASE,
)
READ = re.compile(
    rf"\b(?:from|join|references|update|into|only|using|like|setof|returns)\s+({NAME})",
    re.IGNORECASE,
)
CALLED = re.compile(rf"({NAME})\s*\(")
PAIR = re.compile(rf"({NAME})\.({NAME})")
WORD = re.compile(r"[\w$]+")


class Mentions:
    """Which names a script creates, and which it uses."""

    def __init__(self, script: Iterable[str], schema: str) -> None:
        text = "\n".join(script)
        self._schema = schema
        self._words = set(WORD.findall(text)) | set(WORD.findall(text.lower()))
        self._created = {self._whole(name) for name in CREATED.findall(text)}
        self._pairs = {(unquoted(a), unquoted(b)) for a, b in PAIR.findall(text)}
        self._read = {unquoted(name) for name in READ.findall(text)}
        self._called = {unquoted(name) for name in CALLED.findall(text)}

    def creates(self, key: Key) -> bool:
        """Whether the script itself makes what `key` names."""
        return self._whole(key.name.partition("(")[0]) in self._created

    def uses(self, key: Key) -> bool:
        """Whether the script names it, by its schema too unless that is the default one."""
        schema, name = self._whole(key.name.partition("(")[0])
        if (schema, name) in self._pairs:
            return True
        if schema not in {self._schema, PUBLIC}:
            return False
        match key.kind:
            case "table" | "view" | "materialized view":
                return name in self._read
            case "function":
                return name in self._called
            case _:
                return set(WORD.findall(name)) <= self._words

    def uses_any(self, names: Iterable[str]) -> bool:
        return any(name in self._words for name in names)

    def _whole(self, name: str) -> tuple[str, str]:
        match = QUALIFIED.match(name)
        first, second = match.groups() if match else (name, None)
        return (
            (self._schema, unquoted(first))
            if second is None
            else (unquoted(first), unquoted(second))
        )


def used_by_models(
    connection: Connection, live: Facts, script: Iterable[str], schema: str
) -> Facts:
    """Return what stands in the database and `script` uses without creating it."""
    mentions = Mentions(script, schema)
    members = {row.extension: row.members for row in run_file(connection, "extension_member")}
    roots = [
        key
        for key in live
        if key.kind in MADE_KINDS - {"column", "extension", "schema"}
        and mentions.uses(key)
        and not mentions.creates(key)
    ]
    roots += [
        key
        for key in live
        if key.kind == "extension"
        and not mentions.creates(key)
        and mentions.uses_any(members.get(key.name, ()))
    ]
    roots += [
        key
        for key in live
        if key.kind == "schema"
        and key.name != PUBLIC
        and not mentions.creates(key)
        and (key.name == identifier(schema) or mentions.uses_any([unquoted(key.name)]))
    ]
    made = {key for key in live if mentions.creates(live.root(key))}
    return skeleton(live, roots, made)


def used_by_facts(live: Facts, ours: Set[Key]) -> Facts:
    """Return what `ours` in the database needs there that is not ours itself."""
    needs = {need for key in ours if key in live for need in live[key].needs if need not in ours}
    roots = {live.root(need) for need in needs} - ours
    return skeleton(live, roots, ours)


def extension_names(metadata: MetaData) -> set[str]:
    """Names of declared extensions."""
    return {thing.name for thing in declared(metadata) if isinstance(thing, Extension)}


def undeclared_extensions(beside: Connection, metadata: MetaData) -> Facts:
    """Return what a scratch database has of the template that it is a copy of."""
    if not is_copy(beside):
        return Facts({})
    wanted = {identifier(name) for name in extension_names(metadata)}
    facts = read(beside)
    roots = {key for key in facts if key.kind == "extension" and key.name not in wanted}
    return facts.only({key for key in facts if roots.intersection(facts.chain(key))})


def lend(beside: Connection, wanted: Facts) -> Facts:
    """Make `wanted` in a scratch database as far as that can be; return what is there then."""
    before = read(beside) if wanted else wanted
    if not wanted.keys() - before.keys():
        return Facts({}, wanted.login)
    kept = {key: fact for key, fact in wanted.items() if key not in before}
    try:
        script = plan(Change(before, Facts({**before, **kept}, before.login)))
    except CannotWrite as reason:
        log.info("what the models use of others is not made in scratch: %s", reason)
        return Facts({}, wanted.login)
    _run_what_runs(beside, [statement.sql for statement in script])
    after = read(beside)
    return after.only(after.keys() - before.keys())


def _run_what_runs(connection: Connection, statements: Iterable[str]) -> None:
    """Run statements again and again until none of the failing ones runs any more."""
    left, failed = list(statements), -1
    while left and len(left) != failed:
        failed = len(left)
        left = [statement for statement in left if not _runs(connection, statement)]
    for statement in left:
        log.info("not made in scratch: %s", statement)


def _runs(connection: Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement, execution_options=VERBATIM)
    except DBAPIError:
        return False
    return True
