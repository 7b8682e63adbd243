"""Commands that run in the tests' own process, as their entry point runs them."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import URL

from qlmodels.cli import main
from qlmodels.connection import as_text

SECRET: Final = "hunter2-of-the-owner"
"""A password that no command may print."""


@dataclass(frozen=True)
class Ending:
    code: int
    output: str
    errors: str

    def __post_init__(self) -> None:
        assert SECRET not in self.output + self.errors
        assert "Traceback" not in self.output + self.errors

    def sentence(self) -> str:
        """What a command says that failed, on one line."""
        assert self.code == 1, self
        line = self.errors.splitlines()[-1]
        assert line.startswith("qlmodels: ")
        assert line.endswith((".", "`")), line
        return line


Run = Callable[[Sequence[str]], Ending]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own, where no server could be started."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QLMODELS_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.setenv("PGPASSWORD", "of the server")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process, as its entry point does."""

    def ending_of(words: Sequence[str]) -> Ending:
        monkeypatch.setattr(sys, "argv", ["qlmodels", *words])
        code: object = 0
        with open(os.devnull) as nothing:  # noqa: PTH123  (no file)
            monkeypatch.setattr(sys, "stdin", nothing)
            try:
                main()
            except SystemExit as ending:
                code = ending.code or 0
        said = capfd.readouterr()
        return Ending(int(str(code)), said.out, said.err)

    return ending_of


@pytest.fixture
def runs(run: Run) -> Run:
    """`run`, for a module that has a function of that name."""
    return run


def use(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", as_text(url))
