"""One rule says which text Postgres stores; tables, stores and the panel follow it."""

import json

import pytest
from pydantic import ValidationError
from qlmodels_admin import values

from qlmodels import AgentType, storable_text
from qlmodels.storable_text import HAS_NUL, HAS_SURROGATE, json_has_nul, unstorable
from qlmodels.store import InvalidValue, checks, hashing


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", None),
        ("plain\n\t", None),
        ("\ufffd \U0001f600", None),
        ("a\x00", HAS_NUL),
        ("é\x00", HAS_NUL),
        ("\ud800", HAS_SURROGATE),
        ("a\udfff", HAS_SURROGATE),
    ],
)
def test_tables_stores_and_panel_refuse_the_same_text(text: str, reason: str | None) -> None:
    assert unstorable(text) == values.unstorable(text) == reason
    if reason is None:
        assert checks.words(text, "note") == text
        AgentType(agent_type="a", display_name="A", description=text)
        return
    with pytest.raises(InvalidValue, match=reason):
        checks.words(text, "note")
    with pytest.raises(InvalidValue, match=reason):
        hashing.canonical({"note": text}, "state")
    with pytest.raises(ValidationError, match=reason):
        AgentType(agent_type="a", display_name="A", description=text)


@pytest.mark.parametrize("text", ["\x00", "\\\x00", "\\\\\x00"])
def test_an_escaped_nul_in_json_is_found(text: str) -> None:
    assert json_has_nul(json.dumps({"a": text}).encode())


@pytest.mark.parametrize("text", ["", "\\u0000", "\\\\u0000", "u0000"])
def test_text_that_reads_like_an_escaped_nul_is_none(text: str) -> None:
    assert not json_has_nul(json.dumps({"a": text}).encode())


def test_the_panel_has_no_rule_of_its_own() -> None:
    assert values.unstorable is storable_text.unstorable
