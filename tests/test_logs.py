"""What a log line says, and what it never does."""

import asyncio
import json
import logging
import sys

import pytest

from qlmodels import logs
from qlmodels.errors import ConfigurationError


def record(message: str, *values: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("test").makeRecord(
        "test", logging.WARNING, "here.py", 1, message, values, None, extra=extra
    )


def test_a_line_of_json_says_what_it_is_about() -> None:
    with logs.about(request_id="r", agent_type="test-generator"):
        line = logs.JsonLines().format(record("gave up after %d", 3, operation="learn"))
    found = json.loads(line)
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "warning",
        "logger": "test",
        "message": "gave up after 3",
        "request_id": "r",
        "agent_type": "test-generator",
        "operation": "learn",
    }
    assert "agent_type" not in json.loads(logs.JsonLines().format(record("later")))


def test_a_line_of_text_is_one_line() -> None:
    with logs.about(agent_type="a"):
        line = logs.TextLines().format(record("first\nsecond", forged="x\ny"))
    assert line.endswith("WARNING test: first\\nsecond agent_type=a forged=x\\ny")


async def test_tasks_do_not_mix() -> None:
    async def tell(agent: str) -> str:
        with logs.about(agent_type=agent):
            await asyncio.sleep(0)
            return str(json.loads(logs.JsonLines().format(record("x")))["agent_type"])

    assert await asyncio.gather(*map(tell, "abc")) == ["a", "b", "c"]


def test_an_exception_is_told_whole() -> None:
    try:
        raise ValueError("postgresql://ql_a:hunter2@host/db refused")
    except ValueError:
        broken = record("failed")
        broken.exc_info = sys.exc_info()
    found = json.loads(logs.JsonLines().format(broken))
    assert "ValueError: postgresql://ql_a:***@host/db refused" in found["exception"]
    assert "hunter2" not in logs.TextLines().format(broken)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:hunter2@host/db",
        "postgresql+asyncpg://user:hun%40ter2:hunter2@host:5432/db?ssl=require",
        "GET /admin/sign-in?token=hunter2 HTTP/1.1",
        "Authorization: Bearer hunter2",
        "password=hunter2 host=x",
        "PASSWORD: hunter2",
    ],
)
def test_no_secret_is_told(text: str) -> None:
    for formatter in (logs.JsonLines(), logs.TextLines()):
        assert "hunter2" not in formatter.format(record("it said %s", text))
        assert "hunter2" not in formatter.format(record("it said", what=text))


def test_a_wrong_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QLMODELS_LOG_FORMAT", "xml")
    with pytest.raises(
        ConfigurationError, match=r"QLMODELS_LOG_FORMAT is 'xml'. Set it to text or json."
    ):
        logs.configured()
