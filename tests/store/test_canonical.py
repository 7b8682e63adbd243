"""The quick way writes what the library writes, or leaves it to the library."""

import math
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qlmodels.store.canonical import dumps

NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-1e-3, 1e-3),
    st.sampled_from([1e-4, 9.999e-5, 1e16, 9007199254740993.0, 1e21, 5e-324, -0.0, 0.1 + 0.2]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text())
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner), st.tuples(inner), st.dictionaries(st.text(), inner)),
)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
@example({"\ue000": 1, "\U00010000": 2, "z": '\x00\x1f\x7f\u2028"\\/\b\f\n\r\t'})
@example([True, 1, 1.0, {"b": {}, "a": []}])
def test_it_writes_what_the_library_writes(document: Any) -> None:
    assert dumps(document) == rfc8785.dumps(document)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, {1: 2}, {"a": object()}, b"bytes"])
def test_it_refuses_what_the_library_refuses(value: Any) -> None:
    for write in (rfc8785.dumps, dumps):
        with pytest.raises(rfc8785.CanonicalizationError):
            write(value)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        dumps({"a": "\ud800"})


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize("beside", [1, 1.0, None, [{"\U00010000": 0.5}]])
def test_a_uuid_counts_as_its_text_and_an_enum_as_its_value(beside: Any) -> None:
    key = UUID(int=1)
    assert dumps({"key": [key], "colour": Colour.RED, "beside": beside}) == rfc8785.dumps(
        {"key": [str(key)], "colour": "red", "beside": beside}
    )
