"""Metrics for Prometheus, and what measures requests and queries."""

from qlmodels_admin.monitoring.instrumentation import Instruments, MeasuredRequests
from qlmodels_admin.monitoring.metrics import Figures, Metrics
from qlmodels_admin.monitoring.readiness import Readiness, ReadinessCheck

__all__ = ["Figures", "Instruments", "MeasuredRequests", "Metrics", "Readiness", "ReadinessCheck"]
