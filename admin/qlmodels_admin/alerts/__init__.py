"""Alerts: webhooks are told when agent types need attention, and when they have recovered."""

from qlmodels_admin.alerts.addresses import Network, parse_networks
from qlmodels_admin.alerts.delivery import delivering
from qlmodels_admin.alerts.evaluation import evaluating
from qlmodels_admin.alerts.targets import (
    FORMATS,
    TargetRefused,
    add_target,
    new_signing_secret,
    read_targets,
    recent_messages,
    remove_target,
    send_test,
)

__all__ = [
    "FORMATS",
    "Network",
    "TargetRefused",
    "add_target",
    "delivering",
    "evaluating",
    "new_signing_secret",
    "parse_networks",
    "read_targets",
    "recent_messages",
    "remove_target",
    "send_test",
]
