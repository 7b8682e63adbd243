"""The reference is what docstrings, help texts and comments say, and leaves out none."""

import re

import qlmodels
from qlmodels.settings import Settings
from tests.support.reference import PAGE, reference

README = (PAGE.parents[1] / "README.md").read_text("utf-8")


def test_the_page_is_as_it_would_be_written() -> None:
    written = PAGE.read_text("utf-8")
    assert written == reference(), "run `python -m tests.support.reference` and keep what it writes"


def test_whatever_a_user_may_name_has_words() -> None:
    empty = re.findall(r"^#+ `.*`\n\n(?:    .*\n)*\n*(?=#)", reference(), re.MULTILINE)
    assert empty == []


def test_every_public_name_is_on_the_page() -> None:
    page = reference()
    named = {name for name in qlmodels.__all__ if not name.startswith("__")}
    assert {name for name in named if f"`{name}`" not in page} == set()


def test_the_readme_names_every_variable() -> None:
    variables = re.findall(r"`([A-Z_]+)`", README)
    long_names = {
        name if name.startswith(("DATABASE", "QLMODELS", "SUPABASE")) else f"SUPABASE_DB{name}"
        for name in variables
    }
    assert {name.upper() for name in Settings.model_fields} <= long_names
