"""Sizes and ages are written in one way."""

from datetime import timedelta

import pytest

from qlmodels.formatting import format_age, format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (8192, "8.2 kB"),
        (9_312_000, "9.3 MB"),
        (9_960_000, "10 MB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (120 * 10**9, "120 GB"),
        (-16_384, "-16 kB"),
        (5 * 10**18, "5,000 PB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-0.4, "0 s ago"), (-125, "2 min ago"), (-7300, "2 h ago"), (5 * 86_400 + 1, "in 5 d")],
)
def test_ages(seconds: float, text: str) -> None:
    assert format_age(timedelta(seconds=seconds)) == text
