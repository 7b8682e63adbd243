"""Sentences of errors that several rooms raise stand once."""

import subprocess
import sys
from pathlib import Path

import pytest

from qlmodels.errors import UnknownAgentType

LIBRARY = Path(__file__).parents[1] / "qlmodels"


def test_one_place_says_that_an_agent_type_is_unknown() -> None:
    saying = {
        path.relative_to(LIBRARY).as_posix()
        for path in LIBRARY.rglob("*.py")
        if "There is no agent type" in path.read_text("utf-8")
        or "UnknownAgentType(f" in "".join(path.read_text("utf-8").split())
    }
    assert saying == {"errors.py"}


def test_each_unknown_agent_type_is_named_with_a_remedy() -> None:
    assert str(UnknownAgentType.of("one", "two")) == (
        "There is no agent type one, two. List them with `qlmodels agent list`, or add one with "
        "`qlmodels agent add`."
    )
    assert "connect by the login ql_one." in str(UnknownAgentType.hidden_or_absent("one"))


@pytest.mark.parametrize("missing", ["sqladmin", "starlette"])
def test_a_panel_that_is_not_installed_says_so(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; import qlmodels_admin"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert "PanelMissing: The panel is not installed: `pip install" in last
