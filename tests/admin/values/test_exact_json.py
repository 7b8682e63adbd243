"""JSON through the panel and back."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qlmodels_admin.values import exact_json
from qlmodels_admin.values import format as cells
from qlmodels_admin.values.exact_json import JSON_NULL, Unparsed, dump_json, load_json

documents = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(),
        st.decimals(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(documents, st.sampled_from([None, 2]))
def test_what_is_written_reads_as_the_same(document: object, indent: int | None) -> None:
    text = dump_json(document, indent=indent)
    found = load_json(text)
    assert (None if found is JSON_NULL else found) == document
    assert json.loads(text) is not None or document is None


@pytest.mark.parametrize(
    "text", ["1.10", "1E+400", "-0.0", "123456789012345678901234567890", "1e-7", '"ü\\n"', "[]"]
)
def test_numbers_and_texts_keep_their_value(text: str) -> None:
    assert load_json(dump_json(load_json(text))) == load_json(text)
    if text[0] in "-1":
        assert Decimal(dump_json(load_json(text))) == Decimal(text)


def test_null_is_a_document() -> None:
    assert load_json("null") is JSON_NULL
    assert load_json("[null]") == [None]
    assert dump_json(JSON_NULL) == "null"


@pytest.mark.parametrize("depth", [150, 900, 50_000])
def test_what_is_too_deep_stays_as_it_is(depth: int) -> None:
    text = "[" * depth + "]" * depth
    document = load_json(text)
    assert isinstance(document, Unparsed)
    assert dump_json(document) == text
    assert text in cells.json_tree(document)


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "NaN", "Infinity", "[1,]", "1 2"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_json(text)


def test_checks_see_floats() -> None:
    plain = exact_json.plain_value(load_json('{"a": [1.5, null, 1e400]}'))
    assert plain == {"a": [1.5, None, 1.7e308]}
