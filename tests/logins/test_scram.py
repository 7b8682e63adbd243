import pytest

from qlmodels.logins.scram import verifier


def test_it_is_what_postgres_computes() -> None:
    """The example of RFC 7677, whose server key proves the signature given there."""
    known = verifier("pencil", b"[m\x99h\x9d\x125\x8e\xec\xa0K\x14\x126\xfa\x81")
    assert known == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
        ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_no_two_are_alike() -> None:
    assert verifier("pencil") != verifier("pencil")


@pytest.mark.parametrize("password", ["", "geheimnisträger"])
def test_what_it_does_not_take(password: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        verifier(password)
