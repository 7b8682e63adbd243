"""The templates are laid out by the formatter, and none hides its end beyond the screen."""

from pathlib import Path

import pytest
import qlmodels_admin

TEMPLATES = Path(qlmodels_admin.__file__).parent / "templates"
MAX_COLUMNS = 120


@pytest.mark.parametrize(
    "template", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_no_line_is_longer_than_a_screen(template: Path) -> None:
    lines = template.read_text("utf-8").splitlines()
    long = {number: len(line) for number, line in enumerate(lines, 1) if len(line) > MAX_COLUMNS}
    assert long == {}
