"""asyncpg's errors in our words: what happened, why it matters, what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError

from qlmodels.connection import no_connection_left, pooler_not_named
from qlmodels.errors import (
    DatabaseUnreachable,
    NotAllowed,
    QLModelsError,
    UnknownAgentType,
)
from qlmodels.old_schema import lacking
from qlmodels.store.errors import (
    ConcurrentUse,
    Conflict,
    DocumentTooLarge,
    InvalidValue,
    NoActions,
    OutcomeUnknown,
    PoolExhausted,
    Refused,
    StateMismatch,
    StoreClosed,
    UnknownReference,
    WrongEventLoop,
)

STATE_MISMATCH = "QL001"

NUMBER_OF_ACTIONS = "action_space_dimensions"
"""The column without which the actions of each next state must be given."""

RETRIED = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
"""The transaction was rolled back whole, so it may be run again."""

BROKEN_CONNECTION = (
    OSError,
    InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
)
"""The connection is gone; whether the last statement was carried out is not known."""


DOMAIN_RULES = {
    "finite": "q_value and td_error must be finite",
    "rate": "confidence_score and uncertainty must lie between 0 and 1",
    "count": "visit_count must be at least 0",
}
"""What the domains of q_values ask for; Postgres names the domain and not the column."""

DRIVER_ERRORS = (PostgresError, InterfaceError, InternalClientError, OSError)
"""All that asyncpg raises."""


@contextmanager
def translated(agent_type: str) -> Iterator[None]:
    """Raise ours in place of asyncpg's."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise refusal(error, agent_type) from error


def refusal(error: BaseException, agent_type: str) -> QLModelsError:
    if isinstance(error, RETRIED):
        return Conflict(
            f"Other transactions kept getting in the way ({error}); nothing was written: try "
            "again, with fewer writers at a time."
        )
    if isinstance(error, asyncpg.DataError) and not isinstance(error, PostgresError):
        return InvalidValue(f"A value has the wrong type ({error}): see the operation's arguments.")
    if isinstance(error, BROKEN_CONNECTION):
        return OutcomeUnknown(
            f"The connection broke before the answer came ({_words(error)}): what was sent may "
            "or may not have been written; look, or repeat what may be done twice."
        )
    if isinstance(error, InterfaceError) and "another operation is in progress" in str(error):
        return ConcurrentUse(
            "Another operation runs in this transaction, so nothing was written. Await one after "
            "the other, or give each task a session of its own."
        )
    if isinstance(error, InterfaceError):
        return StoreClosed(
            f"The pool cannot be used ({error}) and nothing was written: keep it open as long "
            "as the store."
        )
    if isinstance(error, PostgresError):
        return _of_server(error, agent_type)
    return Refused(_words(error))


def unreachable(error: BaseException) -> DatabaseUnreachable:
    """Nothing had been sent yet."""
    if isinstance(error, asyncpg.TooManyConnectionsError):
        return DatabaseUnreachable(
            f"{no_connection_left(error, 'The server')} Nothing was written."
        )
    return DatabaseUnreachable(
        f"The database took no connection ({_words(error)}) and nothing was written: check that "
        "it runs and has connections left, then try again."
    )


def unanswered(error: BaseException) -> DatabaseUnreachable:
    """Nothing was to be written."""
    return DatabaseUnreachable(
        f"The database did not answer ({_words(error)}) and nothing was written: check that it "
        "runs, then try again."
    )


def cancelled(operation: str) -> OutcomeUnknown:
    """It was sent, and its answer was not waited for."""
    return OutcomeUnknown(
        f"{operation} was cancelled before the answer came: what was sent may or may not have been "
        "written; look, or repeat what may be done twice."
    )


def on_another_loop(what: str) -> WrongEventLoop:
    return WrongEventLoop(
        f"The {what} was made on another event loop, so nothing was written. Make it and the store "
        "inside the same asyncio.run, or run one event loop for the whole program."
    )


def speaks_for_none(login: str, agent_type: str) -> NotAllowed:
    """A login of an orchestrator that has not chosen."""
    return NotAllowed(
        f"Login {login} speaks for several agent types, for one in each transaction, and none was "
        f"chosen; nothing was written. Begin it by `async with acting_as(engine, {agent_type!r}) "
        f"as session` and use `await store.within(session)`, or connect by the login "
        f"ql_{agent_type}."
    )


def login_of(connection: object) -> str:
    """Return the login of a connection, as the server reported it; empty if a pooler hides it."""
    settings: object = getattr(connection, "get_settings", dict)()
    return str(getattr(settings, "session_authorization", ""))


def exhausted(most: int, patience: float) -> PoolExhausted:
    return PoolExhausted(
        f"All {most} connections of the pool are in use and none was given back within "
        f"{patience:g} seconds, so nothing was written: call create_pool with a larger max_size, "
        "or hold connections for less long."
    )


def _of_server(error: PostgresError, agent_type: str) -> QLModelsError:
    if (astray := pooler_not_named(error)) is not None:
        return astray
    match error:
        case PostgresError() if _code(error) == STATE_MISMATCH:
            return StateMismatch(_with_hint(error))
        case asyncpg.InsufficientPrivilegeError():
            return _not_allowed(error, agent_type)
        case asyncpg.ForeignKeyViolationError():
            return _dangling(error, agent_type)
        case asyncpg.CheckViolationError() if rule := DOMAIN_RULES.get(_domain(error)):
            return InvalidValue(f"A number was refused, so nothing was written: {rule}.")
        case asyncpg.CheckViolationError() | asyncpg.NotNullViolationError():
            return InvalidValue(f"A value was refused, so nothing was written: {error}.")
        case asyncpg.ProgramLimitExceededError():
            return DocumentTooLarge(
                f"A document is too large for Postgres ({error}); nothing was written: keep it "
                "elsewhere and store its name."
            )
        case asyncpg.SyntaxOrAccessError():
            return lacking(error)
        case asyncpg.DataError() if getattr(error, "column_name", "") == NUMBER_OF_ACTIONS:
            return NoActions(actions_unknown(agent_type))
        case asyncpg.DataError():
            return InvalidValue(f"{_with_hint(error)} Nothing was written.")
        case _:
            return Refused(f"The database refused ({_code(error)}): {_with_hint(error)}")


def actions_unknown(agent_type: str) -> str:
    return (
        f"The legal actions of a next state are not known for agent type {agent_type}, so that the "
        "state's worth would be a guess; nothing was written. Give next_actions=, or all actions "
        "to LearningStore(actions=), or say how many there are in every state: `qlmodels agent "
        f"set {agent_type} {NUMBER_OF_ACTIONS}=NUMBER`."
    )


def _not_allowed(error: PostgresError, agent_type: str) -> QLModelsError:
    if "is unknown" in str(error):
        return UnknownAgentType(_with_hint(error))
    return NotAllowed(
        f"This login may not do that as agent type {agent_type} ({error}): connect by the login "
        f"ql_{agent_type}, or choose the agent type by acting_as()."
    )


def _dangling(error: PostgresError, agent_type: str) -> QLModelsError:
    constraint = str(getattr(error, "constraint_name", ""))
    if constraint.endswith("_agent_type"):
        return UnknownAgentType.hidden_or_absent(agent_type)
    column = constraint.removeprefix(f"fk_{getattr(error, 'table_name', '')}_")
    return UnknownReference(
        f"The {column} is not one of agent type {agent_type} ({getattr(error, 'detail', error)}); "
        "nothing was written: start the session or record the trajectory before what refers to it."
    )


def _with_hint(error: PostgresError) -> str:
    hint = getattr(error, "hint", None)
    return f"{error}. {hint}" if hint else f"{error}."


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _domain(error: BaseException) -> str:
    return str(getattr(error, "data_type_name", ""))


def _code(error: BaseException) -> str:
    return str(getattr(error, "sqlstate", ""))
