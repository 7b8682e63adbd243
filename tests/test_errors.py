"""Sentences of errors that several rooms raise stand once."""

from pathlib import Path

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
