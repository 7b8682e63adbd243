"""Where the panel's files lie."""

from pathlib import Path

TEMPLATES = Path(__file__).parents[1] / "templates"
