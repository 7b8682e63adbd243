"""How far a command is: bars for who looks on, lines for who logs, and nothing for others."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from qlmodels import logs
from qlmodels.cli import main
from qlmodels.cli.progress import bars, busy


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test makes of logging; and no terminal, unless it says so."""
    monkeypatch.setenv(logs.LOG_FORMAT_VARIABLE, "")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def work() -> None:
    with bars() as watch:
        advance = watch.part("rows", 3)
        advance(1)
        advance(2)
    with bars() as watch:
        watch.step("looking", 0)
        watch.step("moving", 0.5)
    with busy("comparing"):
        pass


def test_nothing_is_shown_off_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    work()
    assert capfd.readouterr() == ("", "")


def test_bars_are_shown_on_a_terminal(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    work()
    shown, errors = capfd.readouterr()
    assert shown == ""
    for what in ("rows", "3/3", "moving", "comparing"):
        assert what in errors


def test_a_log_has_a_line_for_each_part(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    logs.configure("json")
    work()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == [
        "begins: rows",
        "done: rows",
        "begins: looking",
        "begins: moving",
        "begins: comparing",
        "done: comparing",
    ]
    assert lines[0]["total"] == 3


@pytest.mark.parametrize(
    "words",
    [
        ["--log-format", "json", "monitoring", "FOLDER"],
        ["monitoring", "FOLDER", "--log-format", "json"],
        ["monitoring", "--log-format=json", "FOLDER"],
    ],
)
def test_a_failure_is_a_line_wherever_the_format_is_given(
    words: list[str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "alerts.yml").touch()
    words = [str(tmp_path) if word == "FOLDER" else word for word in words]
    monkeypatch.setattr(sys, "argv", ["qlmodels", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    line = json.loads(capfd.readouterr().err)
    assert line["level"] == "error"
    assert line["message"].startswith(f"{tmp_path}/alerts.yml is there already")
