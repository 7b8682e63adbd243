"""Raise MinariMissing where a library is missing that Minari's storage imports."""

from importlib import import_module

from qlmodels.errors import MinariMissing

LIBRARIES = ("minari", "h5py", "PIL")
"""No extra of Minari's brings the last."""

try:
    for library in LIBRARIES:
        import_module(library)
except ImportError as error:
    raise MinariMissing from error
