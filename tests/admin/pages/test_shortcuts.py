"""Keys of rows in URLs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qlmodels_admin.values.row_keys import InvalidRowKey, decode_key, encode_key
from sqlalchemy import BigInteger, Column, Text, Uuid

TWO: list[Column[Any]] = [Column("name", Text), Column("number", BigInteger)]
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@given(names, st.integers(-(2**63), 2**63 - 1))
def test_every_key_comes_back(name: str, number: int) -> None:
    assert decode_key(encode_key([name, number]), TWO) == (name, number)


@given(names)
def test_no_key_means_another_folder(name: str) -> None:
    text = encode_key([name])
    assert text not in {".", ".."}
    assert decode_key(text, TWO[:1]) == (name,)


@pytest.mark.parametrize("text", ["", "a", "a;b", "a;1;2", "a;1.5", "a;9223372036854775808", "a;"])
def test_other_text_is_no_key(text: str) -> None:
    with pytest.raises(InvalidRowKey):
        decode_key(text, TWO)


def test_a_uuid_is_checked() -> None:
    with pytest.raises(InvalidRowKey, match="'abc' is not a valid id"):
        decode_key("abc", [Column("id", Uuid)])
