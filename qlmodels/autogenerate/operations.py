"""The one operation that autogenerate proposes, and how it reads in a revision."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation
from sqlalchemy.sql.compiler import BIND_PARAMS, BIND_PARAMS_ESC

from qlmodels.autogenerate.writer import Statement

log = logging.getLogger("alembic.qlmodels")

LINE_WIDTH = 84
REBUILT = "%s is to be made again, and its rows copied under an exclusive lock: ALTER cannot do it."
FENCE = '"""'


@dataclass(frozen=True)
class Script:
    """Statements, under a line that counts what they do."""

    heading: str
    statements: Sequence[Statement]
    refusal: Exception | None = None


class OperationText(MigrateOperation):
    """One difference in words; `alembic check` prints it."""

    def __init__(self, words: str) -> None:
        self.words = words

    def to_diff_tuple(self) -> str:  # type: ignore[override]
        return self.words


class SchemaChange(MigrateOperation):
    """All that leads from the database's facts to the models', and back."""

    def __init__(self, up: Script, down: Script, words: Iterable[str]) -> None:
        self.up, self.down = up, down
        self.ops = [OperationText(sentence) for sentence in words]

    def announce(self) -> None:
        """Say before a revision is written which tables it makes again."""
        for statement in self.up.statements:
            if statement.rebuilds is not None:
                log.warning(REBUILT, statement.rebuilds)

    def reverse(self) -> "SchemaChange":
        return SchemaChange(self.down, self.up, (told.words for told in self.ops))


def render(context: AutogenContext, change: SchemaChange) -> str:
    if change.up.refusal is not None:
        raise change.up.refusal
    context.imports.add("from textwrap import dedent")
    blocks = [f"# {change.up.heading}"]
    blocks += [_block(statement) for statement in change.up.statements]
    if not change.up.statements:
        blocks.append("pass")
    return "\n\n".join(blocks)


def _block(statement: Statement) -> str:
    call = f"op.execute({literal_of(escape(statement.sql))})"
    if statement.concurrently:
        call = f"with op.get_context().autocommit_block():\n{indent(call, '    ')}"
    return f"# careful: {statement.warning}\n{call}" if statement.warning else call


def escape(sql: str) -> str:
    r"""What `text()` would take for a bind parameter, escaped: it reads `\:` as a colon."""
    for escaped in (sql, BIND_PARAMS.sub(r"\\\g<0>", sql), sql.replace(":", "\\:")):
        if BIND_PARAMS.search(escaped) is None and BIND_PARAMS_ESC.sub(r"\1", escaped) == sql:
            return escaped
    raise ValueError(f"{sql} cannot be escaped")


def literal_of(sql: str) -> str:
    """Several lines as several lines, unless that would change one of them."""
    lines = sql.split("\n")
    plain = "\\" not in sql and '"' not in sql and _printable(lines)
    if len(lines) == 1 and plain and len(sql) <= LINE_WIDTH:
        return f'"{sql}"'
    spoilt = any(line != line.rstrip() for line in lines)
    if spoilt or FENCE in sql or lines[0] != lines[0].lstrip() or not _printable(lines):
        parts = "\n".join(f"    {line!r}" for line in sql.splitlines(keepends=True))
        return f"\n{parts}\n"
    raw = "r" if "\\" in sql else ""
    return f"dedent({raw}{FENCE}\n{indent(sql, '    ')}\n{FENCE})"


def _printable(lines: Iterable[str]) -> bool:
    return all(line.replace("\t", "").isprintable() for line in lines)
