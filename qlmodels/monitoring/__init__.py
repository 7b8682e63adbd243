"""What Prometheus and Grafana are told: metrics, a dashboard, alert rules."""

from qlmodels.monitoring.pools import Pools, PoolState
from qlmodels.monitoring.store_metrics import StoreMetrics

__all__ = ["PoolState", "Pools", "StoreMetrics"]
