"""Where Alembic calls in: one comparator, which replaces all of its own."""

from collections.abc import Mapping
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import UpgradeOps
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import MetaData

from qlmodels.autogenerate.comparison import compared
from qlmodels.autogenerate.operations import SchemaChange, render
from qlmodels.autogenerate.scratch import scratch
from qlmodels.ddl.quoting import identifier

PLUGIN_NAME = "qlmodels.autogenerate"


def options() -> dict[str, Any]:
    """What `context.configure` of an Alembic environment takes to use this plugin."""
    if PLUGIN_NAME not in _registered:
        setup(Plugin(PLUGIN_NAME))
        _registered.add(PLUGIN_NAME)
    return {"autogenerate_plugins": [PLUGIN_NAME]}


_registered: set[str] = set()


def setup(plugin: Plugin) -> None:
    """Alembic's protocol for plugins."""
    plugin.add_autogenerate_comparator(compare, "autogenerate", qualifier="postgresql")
    renderers.dispatch_for(SchemaChange)(render)


def compare(context: AutogenContext, upgrade_ops: UpgradeOps) -> PriorityDispatchResult:
    """Add what leads from the database at hand to the models, and back, if they differ."""
    if context.connection is None or not isinstance(context.metadata, MetaData):
        raise TypeError("autogenerate needs a connection and one MetaData")
    first = not context.migration_context.get_current_heads()
    arguments = _arguments(context)
    with scratch(context.connection) as beside:
        comparison = compared(
            context.connection, beside, context.metadata, _version_table(context), first
        )
        change = comparison.change(arguments) if comparison else None
        if comparison and change and change.up.refusal is None and _to_be_proved(context):
            change = comparison.proved(change, beside, arguments)
    if change is not None:
        upgrade_ops.ops.append(change)
    return PriorityDispatchResult.CONTINUE


def _to_be_proved(context: AutogenContext) -> bool:
    """`alembic check` writes nothing that anybody could trust; `-x prove=no` is said by people."""
    environment = context.migration_context.environment_context
    command = getattr(environment and environment.config.cmd_opts, "cmd", None)
    checking = command is not None and command[0].__name__ == "check"
    return not checking and _arguments(context).get("prove") != "no"


def _version_table(context: AutogenContext) -> str:
    migration = context.migration_context
    schema = migration.version_table_schema or "public"
    return f"{identifier(schema)}.{identifier(migration.version_table)}"


def _arguments(context: AutogenContext) -> Mapping[str, str]:
    """`-x name=value` of the command line."""
    environment = context.migration_context.environment_context
    if environment is None:
        return {}
    given: dict[str, str] = environment.get_x_argument(as_dictionary=True)
    return given
