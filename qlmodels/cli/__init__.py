"""The command line: one module for each group of commands."""

from qlmodels.cli.main import app, main

__all__ = ["app", "main"]
