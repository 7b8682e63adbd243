"""Where Alembic calls in: one comparator, which replaces all of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import UpgradeOps
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import Connection, MetaData

from qlmodels.autogenerate.diff import Difference, differences, heading
from qlmodels.autogenerate.facts import Facts, Key
from qlmodels.autogenerate.operations import SchemaChange, Script, render
from qlmodels.autogenerate.plan import plan
from qlmodels.autogenerate.reader import read
from qlmodels.autogenerate.rights import left_alone, untouchable
from qlmodels.autogenerate.scope import Scoped, as_if_first, scoped
from qlmodels.autogenerate.scratch import build, scratch
from qlmodels.autogenerate.words import NO_RIGHT, describe, undeclared
from qlmodels.autogenerate.writer import Change, Statement
from qlmodels.ddl.build import statements
from qlmodels.ddl.objects import identifier

NAME = "qlmodels.autogenerate"


def options() -> dict[str, Any]:
    """What `context.configure` of an Alembic environment takes to use this plugin."""
    if NAME not in _registered:
        setup(Plugin(NAME))
        _registered.add(NAME)
    return {"autogenerate_plugins": [NAME]}


_registered: set[str] = set()


def setup(plugin: Plugin) -> None:
    """Alembic's protocol for plugins."""
    plugin.add_autogenerate_comparator(compare, "autogenerate", qualifier="postgresql")
    renderers.dispatch_for(SchemaChange)(render)


def compare(context: AutogenContext, upgrade_ops: UpgradeOps) -> PriorityDispatchResult:
    """Add what leads from the database at hand to the models, and back, if they differ."""
    if context.connection is None or not isinstance(context.metadata, MetaData):
        raise TypeError("autogenerate needs a connection and one MetaData")
    found = compared(context.connection, context.metadata, _version_table(context))
    if not context.migration_context.get_current_heads():
        found = replace(found, live=as_if_first(found.live))
    change = _change(found, _arguments(context))
    if change is not None:
        upgrade_ops.ops.append(change)
    return PriorityDispatchResult.CONTINUE


def compared(connection: Connection, metadata: MetaData, version_table: str) -> Scoped:
    """The database's facts and the models', narrowed to what can be compared."""
    live = read(connection)
    with scratch(connection) as beside:
        declared = build(beside, statements(metadata))
    return scoped(live, declared, metadata, version_table)


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


def _change(found: Scoped, arguments: Mapping[str, str]) -> SchemaChange | None:
    wanted = arguments.get("undeclared", "report")
    target = found.without_undeclared() if wanted == "drop" else found.target
    different = differences(found.live, target)
    strangers = found.undeclared if wanted == "report" else ()
    if not different and not strangers:
        return None
    live, login = found.live, found.live.login
    reached = left_alone(live, target, login)
    restored = left_alone(reached, live, login)
    helpless = {difference.key for difference in untouchable(live, target, login)}
    words = [
        NO_RIGHT.format(describe(d)) if d.key in helpless else describe(d) for d in different
    ]
    settings = _Settings(found.uninvited, arguments.get("concurrently") == "yes")
    return SchemaChange(
        settings.script(live, reached, guarded=True, idle=_suggested(found) if strangers else ()),
        settings.script(reached, restored),
        [*words, *map(undeclared, strangers)],
    )


@dataclass(frozen=True)
class _Settings:
    uninvited: tuple[str, ...]
    concurrently: bool

    def script(
        self, source: Facts, target: Facts, guarded: bool = False, idle: Sequence[Statement] = ()
    ) -> Script:
        change = Change(
            source, target, uninvited=self.uninvited, guarded=guarded,
            concurrently=self.concurrently,
        )  # fmt: skip
        return Script(_heading(differences(source, target)), plan(change), idle)


def _heading(different: list[Difference]) -> str:
    return heading(different) or "nothing that is ours"


def _suggested(found: Scoped) -> list[Statement]:
    """How the undeclared would be dropped, things of uncompared kinds left out."""
    known: set[Key] = {key for key in found.live if key.kind != "uncompared"}
    live = found.live.only(known)
    target = found.without_undeclared()
    rest = Facts({key: live[key] for key in live if key in target}, live.login)
    return plan(Change(live, rest))
