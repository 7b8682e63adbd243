"""Errors that people meet. The docstring of a class is its message when none is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sqlalchemy import URL


class QLModelsError(Exception):
    """Something went wrong in qlmodels."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigurationError(QLModelsError):
    """The configuration cannot be used: see DATABASE_URL and SUPABASE_DB_* in the README."""


class DatabaseUnreachable(QLModelsError):
    """The database did not answer: check address, port and network, then try again."""


class PoolerNotNamed(ConfigurationError):
    """A transaction pooler stands between and was not named: set QLMODELS_POOLER=transaction."""


class LoginRefused(QLModelsError):
    """The database refused the login: check user name and password."""


class WrongRevision(QLModelsError):
    """The database is at another revision than this release: run `qlmodels upgrade`."""


class NamesTaken(QLModelsError):
    """The database holds tables of the same names: give qlmodels a database of its own."""

    @classmethod
    def of(cls, url: URL, objects: list[str]) -> Self:
        """Name what is there, and say the choices."""
        name = objects[0].rpartition(" ")[2]
        return cls(
            f"Database {url.database} at {url.host} holds {', '.join(objects)}, and not made by "
            "qlmodels: nothing was changed. Give qlmodels a database of its own on this server, "
            f"or move what is there (`alter table {name} set schema app`), or rename it."
        )


class NotTheOwner(QLModelsError):
    """This login does not own the schema: connect as the login that does."""


class UnknownAgentType(QLModelsError):
    """No such active agent type: see the agent_types table."""

    @classmethod
    def of(cls, *agent_types: str) -> Self:
        """Name agent types that do not exist, to a login that sees all of them."""
        return cls(
            f"There is no agent type {', '.join(agent_types)}. List them with `qlmodels agent "
            "list`, or add one with `qlmodels agent add`."
        )

    @classmethod
    def hidden_or_absent(cls, agent_type: str) -> Self:
        """Name an agent type that does not exist, or that row-level security hides."""
        return cls(
            f"Agent type {agent_type!r} is unknown, or this login does not speak for it. Add it "
            f"with `qlmodels agent add`, or connect by the login ql_{agent_type}."
        )


class NotAllowed(QLModelsError):
    """This login may not do that: see `qlmodels access` for who may do what."""


class PanelMissing(QLModelsError, ImportError):
    """The panel is not installed: `pip install 'qlmodels[admin]'`."""


class MinariMissing(QLModelsError, ImportError):
    """Datasets for offline learning need Minari: `pip install 'qlmodels[minari]'`."""
