"""The whole declared schema as SQL, in an order that runs on an empty database."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import MetaData, Sequence
from sqlalchemy.schema import CreateSequence

from qlmodels.ddl.dialect import compiled
from qlmodels.ddl.functions import Function
from qlmodels.ddl.objects import DDLObject, Extension, Schema, View, declared, stage_of
from qlmodels.ddl.quoting import qualified
from qlmodels.ddl.stage import Stage
from qlmodels.ddl.table_statements import table_statements, type_statements

DEFAULT_SCHEMA = "public"


def statements(metadata: MetaData) -> list[str]:
    """Every statement that makes an empty database equal to `metadata` and its declarations."""
    things = [*_with_schemas(declared(metadata))]
    views = {qualified(thing.schema, thing.name) for thing in things if isinstance(thing, View)}
    tables = list(table_statements(metadata, views))
    namesakes = Counter(_name(thing) for thing in things if isinstance(thing, Function))
    made: dict[Stage, list[str]] = defaultdict(list)
    for thing in things:
        if isinstance(thing, Function) and namesakes[_name(thing)] > 1:
            statements = thing.create_overload()
        else:
            statements = thing.create()
        stage = Stage.CALLED_FUNCTIONS if _is_called(thing, tables) else stage_of(thing)
        made[stage] += statements
    made[Stage.ENUMS] += type_statements(metadata)
    made[Stage.SEQUENCES] += _sequences(metadata)
    made[Stage.TABLES] += tables
    ordered = [statement for stage in Stage for statement in made[stage]]
    return ["set local check_function_bodies = off", *ordered]


def _name(function: Function) -> tuple[str, str]:
    return function.schema, function.name


def _with_schemas(things: Collection[DDLObject]) -> Iterator[DDLObject]:
    """The same, with the schemas that extensions are in."""
    schemas = {DEFAULT_SCHEMA, *(thing.name for thing in things if isinstance(thing, Schema))}
    for thing in things:
        if isinstance(thing, Extension) and thing.schema not in schemas:
            yield Schema(thing.schema)
        yield thing


def _is_called(thing: DDLObject, tables: Iterable[str]) -> bool:
    """A default, check or index that calls a function needs it before the table is there."""
    if not isinstance(thing, Function):
        return False
    schema, name = re.escape(thing.schema), re.escape(thing.name)
    call = re.compile(rf'(?<![.\w"])(?:"?{schema}"?\.)?"?{name}"?\(')
    return any(call.search(statement) for statement in tables)


def _sequences(metadata: MetaData) -> Iterator[str]:
    named: dict[str, Sequence] = metadata._sequences
    for sequence in named.values():
        if not sequence.optional:
            yield compiled(CreateSequence(sequence))
