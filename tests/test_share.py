"""CI runs another share of the longer tests for each seed, and in time all of them."""

from collections import Counter

from tests.conftest import is_in_share

NAMES = [f"tests/test_{number}.py::test" for number in range(1000)]


def test_a_share_is_one_test_in_so_many() -> None:
    assert sum(is_in_share(name, 1, "a") for name in NAMES) == 1000
    assert 60 <= sum(is_in_share(name, 12, "a") for name in NAMES) <= 110


def test_a_seed_selects_the_same_tests_again() -> None:
    first, again, other = (
        [name for name in NAMES if is_in_share(name, 5, seed)] for seed in ("a", "a", "b")
    )
    assert first == again != other


def test_many_seeds_select_every_test() -> None:
    chosen = Counter(
        name for seed in range(100) for name in NAMES if is_in_share(name, 5, str(seed))
    )
    assert chosen.keys() == set(NAMES)
