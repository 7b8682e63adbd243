"""Rows as files: what an export writes, and how an import reads it back, line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from qlmodels_admin.values import dump_json, family_of, load_json, unstorable_reason

FORMULA_PREFIX = "'=+-@\t\r\n"
"""What a value begins with that a spreadsheet would run, or take for the sign that it may not."""

_GUARDED = re.compile(f"'[{re.escape(FORMULA_PREFIX)}]")
_FIELD = re.compile(r'(?:"((?:[^"]++|"")*+)"|([^",\r\n]*+))(,|\r\n|\n|\r|\Z)')
"""Possessive, so that a text is read once, however it is quoted."""

_BLANK = re.compile(r"\s*+")
_LINE_ENDS = re.compile(r"[\r\n]*+")

LONGEST_ROW = 4 * 1024 * 1024
"""Characters."""

MOST_ROWS = 200_000
MOST_VALUES = 1600
"""Columns of a table in Postgres."""

HINT = (
    "Write one JSON object a line, or CSV whose first line names columns of the table, as an "
    "export has it."
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """A row of a file: its first line there, its values, and all of it as one JSON object."""

    number: int
    values: dict[str, Any]
    document: str
    holds_texts: bool = False
    """Whether each value of the object is text, which documents are too, or null for NULL."""


class InvalidLine(ValueError):
    """A line is not what the file's kind says; `number` counts from 1."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


def read_file_rows(text: str, table: Table) -> Iterator[FileLine | InvalidLine]:
    """JSON Lines if the text begins like it, else CSV with a header, as exports write them."""
    text = text.removeprefix("\ufeff")
    begin = _end_of(_BLANK, text, 0)
    if begin == len(text):
        return
    kind = _json_lines if text[begin] in "{[" else _csv
    for rows, line in enumerate(kind(text, table), start=1):
        if rows > MOST_ROWS:
            yield InvalidLine(
                line.number, f"the file has more than {MOST_ROWS:,} rows. Cut it into parts."
            )
            return
        yield line


def _end_of(what: re.Pattern[str], text: str, place: int) -> int:
    match = what.match(text, place)
    return place if match is None else match.end()


def _json_lines(text: str, table: Table) -> Iterator[FileLine | InvalidLine]:
    for number, line in _lines(text):
        try:
            _check_length(line)
            row = load_json(line)
            if not isinstance(row, dict):
                raise ValueError(f"this is not a JSON object. {HINT}")
            _check_names(row, table)
            if "\\u" in line and (reason := unstorable_reason(row)) is not None:
                raise ValueError(f"Postgres cannot hold this: {reason}")
        except ValueError as error:
            yield InvalidLine(number, str(error))
            continue
        yield FileLine(number, row, line)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, with its number."""
    number, place = 1, 0
    while True:
        begin = _end_of(_BLANK, text, place)
        number += text.count("\n", place, begin)
        if begin == len(text):
            return
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        yield number, text[begin:end]
        place = end


def _check_length(text: str) -> None:
    if len(text) > LONGEST_ROW:
        raise ValueError(f"a row has at most {LONGEST_ROW // 1024**2} MB. Load this one by COPY")


def _csv(text: str, table: Table) -> Iterator[FileLine | InvalidLine]:
    records = _records(text)
    try:
        _, header = next(records)
        names = [name or "" for name in header]
        _check_names(names, table)
        if len(set(names)) < len(names):
            raise ValueError("two columns have the same name")
    except InvalidLine as error:
        yield error
        return
    except ValueError as error:
        yield InvalidLine(1, str(error))
        return
    except StopIteration:
        return
    columns = [table.columns[name] for name in names]
    while True:
        try:
            number, values = next(records)
            if len(values) != len(columns):
                raise InvalidLine(
                    number, f"{len(values)} values, where the header names {len(columns)}"
                )
            row = {
                column.name: _value(column, value, number)
                for column, value in zip(columns, values, strict=True)
            }
        except StopIteration:
            return
        except InvalidLine as error:
            yield error
            continue
        if (reason := unstorable_reason(row)) is not None:
            yield InvalidLine(number, f"Postgres cannot hold this: {reason}")
            continue
        documents = {
            column.name: value
            for column, value in zip(columns, values, strict=True)
            if family_of(column).field == "json"
        }
        yield FileLine(number, row, dump_json({**row, **documents}), holds_texts=True)


def _records(text: str) -> Iterator[tuple[int, list[str | None]]]:
    """Each record with its first line; a value that is empty and not quoted is None.

    Python's csv cannot tell these two apart before 3.13, and NULL is not an empty text.
    """
    number, first, place, values = 1, 1, 0, list[str | None]()
    while place < len(text):
        if not values:  # before a record, lines may be blank
            start, place = place, _end_of(_LINE_ENDS, text, place)
            number += _count_lines(text, start, place)
            first = number
            if place == len(text):
                return
        match = _FIELD.match(text, place)
        if match is None:
            raise InvalidLine(number, "a quote that does not end, or in the middle of a value")
        quoted, plain, end = match.groups()
        values.append(plain or None if quoted is None else quoted.replace('""', '"'))
        number += (quoted or "").count("\n") + (end not in {",", ""})
        if match.end() - place > LONGEST_ROW or len(values) > MOST_VALUES:
            raise InvalidLine(
                number,
                f"a row has at most {MOST_VALUES:,} values of {LONGEST_ROW // 1024**2} MB. Load "
                "this file by COPY",
            )
        place = match.end()
        if end == "," and place == len(text):
            values.append(None)
        if end != "," or place == len(text):
            yield first, values
            first, values = number, []


def _count_lines(text: str, start: int, end: int) -> int:
    pairs = text.count("\r\n", start, end)
    return text.count("\n", start, end) + text.count("\r", start, end) - pairs


def _value(column: Column[Any], value: str | None, number: int) -> Any:
    if value is None:
        return None
    family = family_of(column)
    if family.field == "json":
        try:
            return load_json(value)
        except ValueError as error:
            raise InvalidLine(number, f"{column.name}: this is not JSON ({error})") from error
    return value[1:] if family.is_words and _GUARDED.match(value) else value


def _check_names(names: Any, table: Table) -> None:
    unknown = [str(name) for name in names if name not in table.columns]
    if unknown:
        raise ValueError(f"{table.name} has no column {unknown[0][:50]!r}. {HINT}")
