"""Where Alembic calls in: one comparator, which replaces all of its own."""

import logging
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import UpgradeOps
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult

from qlmodels.autogenerate import compare
from qlmodels.autogenerate.operations import SchemaChange, render
from qlmodels.autogenerate.request import Request

log = logging.getLogger("alembic.qlmodels")

PLUGIN_NAME = "qlmodels.autogenerate"
NEIGHBOURS_KEY = "qlmodels_not_declared"
"""Attribute of Alembic's Config: one line that says which objects were left alone."""


def options() -> dict[str, Any]:
    """What `context.configure` of an Alembic environment takes to use this plugin."""
    if PLUGIN_NAME not in _registered:
        setup(Plugin(PLUGIN_NAME))
        _registered.add(PLUGIN_NAME)
    return {"autogenerate_plugins": [PLUGIN_NAME]}


_registered: set[str] = set()


def setup(plugin: Plugin) -> None:
    """Alembic's protocol for plugins."""
    plugin.add_autogenerate_comparator(add_changes, "autogenerate", qualifier="postgresql")
    renderers.dispatch_for(SchemaChange)(render)


def add_changes(context: AutogenContext, upgrade_ops: UpgradeOps) -> PriorityDispatchResult:
    """Add what leads from the database at hand to the models, and back, if they differ."""
    request = Request.of(context)
    comparison, change = compare.compare(request, proving=_to_be_proved(request))
    if request.undeclared == "list" and (line := comparison.not_declared):
        log.info("%s", line)
        _hand_over(context, line)
    if change is not None:
        change.announce()
        upgrade_ops.ops.append(change)
    return PriorityDispatchResult.CONTINUE


def _to_be_proved(request: Request) -> bool:
    """`alembic check` writes nothing that has to be trusted; users may say `-x prove=no`."""
    environment = request.context.migration_context.environment_context
    command = getattr(environment and environment.config.cmd_opts, "cmd", None)
    checking = command is not None and command[0].__name__ == "check"
    return not checking and request.arguments.get("prove") != "no"


def _hand_over(context: AutogenContext, line: str) -> None:
    """Leave what is not declared to a program that runs Alembic's commands."""
    environment = context.migration_context.environment_context
    if environment is not None:
        environment.config.attributes[NEIGHBOURS_KEY] = line
