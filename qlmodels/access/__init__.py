"""Who may do what: the access matrix, from the declarations and from a database."""

from qlmodels.access.declared import declared_matrix
from qlmodels.access.live import live_matrix
from qlmodels.access.matrix import LEGEND, Matrix
from qlmodels.access.undeclared import Undeclared, undeclared

__all__ = ["LEGEND", "Matrix", "Undeclared", "declared_matrix", "live_matrix", "undeclared"]
