"""The table of column types in docs/panel.md is what the panel declares and the tests try."""

from tests.support.column_type_table import PAGE, table


def test_the_table_is_as_it_would_be_written() -> None:
    assert table() in PAGE.read_text("utf-8"), "run `python -m tests.support.column_type_table`"
