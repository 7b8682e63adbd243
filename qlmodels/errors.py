"""Errors that people meet. The docstring of a class is its message when none is given."""


class QLModelsError(Exception):
    """Something went wrong in qlmodels."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class ConfigurationError(QLModelsError):
    """The configuration cannot be used: see DATABASE_URL and SUPABASE_DB_* in the README."""


class DatabaseUnreachable(QLModelsError):
    """The database did not answer: check address, port and network, then try again."""


class LoginRefused(QLModelsError):
    """The database refused the login: check user name and password."""


class WrongRevision(QLModelsError):
    """The database is at another revision than this release: run `qlmodels upgrade`."""


class NotTheOwner(QLModelsError):
    """This login does not own the schema: connect as the login that does."""


class UnknownAgentType(QLModelsError):
    """No such active agent type: see the agent_types table."""


class NotAllowed(QLModelsError):
    """This login may not do that: see `qlmodels access` for who may do what."""


class PanelMissing(QLModelsError):
    """The panel is not installed: `pip install 'qlmodels[admin]'`."""


class MinariMissing(QLModelsError, ImportError):
    """Datasets for offline learning need Minari: `pip install 'qlmodels[minari]'`."""
