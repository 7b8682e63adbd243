"""Rows to choose from, in the place of a key that is typed."""

from qlmodels_admin.picker.pages import PICK

__all__ = ["PICK"]
