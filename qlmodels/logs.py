"""Log lines for people or for machines, each with the request and the agent that it is about."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast, get_args

import orjson
from dotenv import dotenv_values

from qlmodels.errors import ConfigurationError

Format = Literal["text", "json"]

LOG_FORMAT_VARIABLE: Final = "QLMODELS_LOG_FORMAT"

_about: ContextVar[dict[str, str]] = ContextVar("qlmodels_logs_about", default={})  # noqa: B039

_SECRETS: Final = (
    (re.compile(r"(\w://[^\s:/@]*:)[^\s@]*@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer\s+|(?:token|password)[=:]\s*)[^\s&\"']+"), r"\1***"),
)
"""Passwords in URLs; tokens in queries and headers."""

_OF_EVERY_RECORD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Whatever is logged in the block, by this task and those that it starts, says so too.

    >>> with about(agent_type="test-generator"):
    ...     logging.getLogger("service").warning("gave up")
    """
    token = _about.set({**_about.get(), **what})
    try:
        yield
    finally:
        _about.reset(token)


def configured() -> Format | None:
    """Return QLMODELS_LOG_FORMAT, of the environment or `.env`. Raises ConfigurationError."""
    value = os.environ.get(LOG_FORMAT_VARIABLE) or dotenv_values(".env").get(LOG_FORMAT_VARIABLE)
    if value and value not in get_args(Format):
        raise ConfigurationError(f"{LOG_FORMAT_VARIABLE} is {value!r}. Set it to text or json.")
    return cast(Format | None, value or None)


def configure(format_: Format) -> None:
    """Log to standard error from INFO on, one line a record; processes begun from here as well."""
    os.environ[LOG_FORMAT_VARIABLE] = format_
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if format_ == "json" else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)


def is_json() -> bool:
    """Whether standard error is for machines."""
    return any(isinstance(it.formatter, JsonLines) for it in logging.getLogger().handlers)


class JsonLines(logging.Formatter):
    """time (UTC), level, logger, message; what the line is about; what it was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_details(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(
            {key: _clean(value) for key, value in line.items()}, default=str
        ).decode()


class TextLines(logging.Formatter):
    """The same for people; an exception stands below its line."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return str(_clean(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        details = "".join(f" {key}={value}" for key, value in _details(record).items())
        return (super().formatMessage(record) + details).replace("\n", "\\n")


def _details(record: logging.LogRecord) -> dict[str, Any]:
    extra = {key: value for key, value in vars(record).items() if key not in _OF_EVERY_RECORD}
    return {**_about.get(), **extra}


def _clean(value: Any) -> Any:
    """Without the secrets that a message may have picked up on its way."""
    if isinstance(value, str):
        for secret, mask in _SECRETS:
            value = secret.sub(mask, value)
    return value
