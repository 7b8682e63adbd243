"""What each argument of the store takes, for the reference and for the tests that try it."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from qlmodels import store
from qlmodels.store import Buffer, LearningStore

RECORDS = ("Transition", "Pair", "Nudge", "GivenReward", "Episode")
"""Classes whose fields are arguments of the operations that take them."""


@dataclass(frozen=True)
class Kind:
    name: str
    takes: str


DOCUMENT = Kind(
    "document",
    "`None`, booleans, finite numbers, whole ones up to 2^53 - 1, text, lists and tuples, and "
    "dictionaries with text as keys. Scalars and arrays of NumPy, PyTorch or JAX count as the "
    "numbers and lists that `tolist()` gives, enum members as their value, a `Decimal` as the "
    "nearest number, a `UUID` as its text. What is equal then has one hash. Refused: NaN and "
    "infinity, bytes, sets, times, NUL characters and lone surrogates in text.",
)
STATE = Kind(
    "state", "A document after the store's `encode`; or a `Hashed`, or what `prepare` returns."
)
ACTION = Kind("action", "A document; or a `Hashed`. `env.action_space.sample()` as it is.")
ACTIONS = Kind("actions", "An iterable of actions, also an array; not text, not a dictionary.")
LEGAL = Kind(
    "legal actions",
    "An iterable of actions, legal in all states of the episode, or of such an iterable for each "
    "state. Where actions are lists themselves it is the former if all that were taken are in it.",
)
TAKEN = Kind("actions taken", "An iterable of actions, one a step, also an array.")
STATES = Kind("states", "An iterable of states, also an array; not text, not a dictionary.")
NUMBER = Kind(
    "number",
    "A finite number: `int`, `float`, `bool`, `Decimal`, `Fraction`, a scalar of NumPy or an array "
    "without dimension, an enum member of such a value. Text is no number.",
)
RATE = Kind("rate", "A number from 0 to 1.")
NOT_NEGATIVE = Kind("number >= 0", "A number of at least 0.")
POSITIVE = Kind("number > 0", "A number above 0.")
NUMBERS = Kind("numbers", "An iterable of numbers, also an array.")
COUNT = Kind(
    "whole number >= 0",
    "A whole number to 2^31 - 1, in any of the ways of a number; `3.0` counts as 3, `True` is "
    "refused.",
)
COUNT_FROM_1 = Kind("whole number >= 1", "A whole number from 1 to 2^31 - 1; see above.")
BIGINT = Kind("whole number", "A whole number of 64 bits; see above.")
FLAG = Kind("flag", "`True` or `False`, `numpy.bool_`; not 0 or 1.")
TEXT = Kind(
    "text", "Text of 1 to 50, 100 or 200 characters, an enum member of text; see the columns."
)
WORDS = Kind("words", "Text of any length.")
CHOICE = Kind("choice", "One of the texts that the signature lists.")
KEY = Kind("UUID", "A `uuid.UUID`; not its text.")
TIME = Kind("time", "A `datetime` with a time zone.")
MAPPING = Kind("dictionary", "A dictionary that is a document.")
RECORD = Kind(
    "record", "A `Transition`, `Pair`, `Nudge`, `GivenReward` or `Episode`, as the name says."
)
LIST = Kind("records", "An iterable of records.")
PRIORITIES = Kind("priorities", "A dictionary of UUIDs and numbers above 0.")
FUNCTION = Kind("function", "A function of one state, which returns a document.")
POLICY = Kind(
    "policy",
    "`greedy()`, `epsilon_greedy(e)`, `softmax(t)`, a dictionary of actions and numbers, or pairs "
    "of them. The numbers are at least 0 and sum to 1 within 1e-9; the actions are legal.",
)
CHOOSER = Kind(
    "chooser",
    "`greedy()`, `epsilon_greedy(e)`, `softmax(t)`, `ucb(c)`, or a `Chooser` of your own.",
)
TARGET = Kind("target", "`greedy()`, `epsilon_greedy(e)` or `softmax(t)`.")
TEXTS = Kind("texts", "An iterable of at most 50 texts of 1 to 50 characters.")
GENERATOR = Kind("generator", "A `random.Random`.")
SESSION = Kind("database session", "An `AsyncSession` of SQLAlchemy or SQLModel.")

ARGUMENTS: Mapping[str, Kind] = {
    "action": ACTION,
    "action_contains": DOCUMENT,
    "actions": ACTIONS,
    "agent_type": TEXT,
    "batch": COUNT_FROM_1,
    "batch_size": COUNT_FROM_1,
    "beta": RATE,
    "by": NUMBER,
    "category": TEXT,
    "choose": CHOOSER,
    "completed_at": TIME,
    "data": DOCUMENT,
    "delay": NOT_NEGATIVE,
    "discount_factor": RATE,
    "encode": FUNCTION,
    "environment": TEXT,
    "episode": RECORD,
    "episodes": LIST,
    "epsilon": RATE,
    "error_message": WORDS,
    "expected_outcome": DOCUMENT,
    "exploration_rate": RATE,
    "extra": MAPPING,
    "hyperparameters": MAPPING,
    "instance": TEXT,
    "is_evaluation": FLAG,
    "learning_rate": RATE,
    "legal": LEGAL,
    "limit": COUNT_FROM_1,
    "name": TEXT,
    "next_actions": ACTIONS,
    "next_policy": POLICY,
    "next_state": STATE,
    "notes": WORDS,
    "nudges": LIST,
    "pair": RECORD,
    "pairs": LIST,
    "parent": KEY,
    "pattern_id": KEY,
    "pattern_type": TEXT,
    "policy_version": COUNT,
    "patience": NOT_NEGATIVE,
    "priorities": PRIORITIES,
    "priority": POSITIVE,
    "q_value": NUMBER,
    "reward": NUMBER,
    "reward_source": TEXT,
    "reward_type": CHOICE,
    "rewards": NUMBERS,
    "rng": GENERATOR,
    "seed": BIGINT,
    "session": KEY,
    "size": COUNT_FROM_1,
    "started_at": TIME,
    "state": STATE,
    "state_contains": DOCUMENT,
    "states": STATES,
    "status": CHOICE,
    "step": COUNT,
    "success": FLAG,
    "tags": TEXTS,
    "task_count": COUNT,
    "task_id": TEXT,
    "terminated": FLAG,
    "total_reward": NUMBER,
    "trajectory_id": KEY,
    "transition": RECORD,
    "transitions": LIST,
    "trigger_conditions": MAPPING,
    "truncated": FLAG,
    "version": COUNT_FROM_1,
    "visit": FLAG,
    "weight": NOT_NEGATIVE,
}
"""By name, for an argument takes the same wherever it is."""

EXCEPTIONS: Mapping[str, Kind] = {
    "LearningStore.next_policy": TARGET,
    "Episode.actions": TAKEN,
    "replay.by": CHOICE,
    "record.rewards": FLAG,
    "record_many.rewards": FLAG,
    "record_rewards.rewards": LIST,
    "buffered.record_reward.reward": RECORD,
    "within.session": SESSION,
}


def kind_of(operation: str, argument: str) -> Kind:
    return EXCEPTIONS.get(f"{operation}.{argument}") or ARGUMENTS[argument]


def operations() -> Iterator[tuple[str, list[str]]]:
    """Every operation and every class of records, and the names of their arguments."""
    yield (
        "LearningStore",
        [name for name in _parameters(LearningStore.__init__) if name not in {"pool", "meter"}],
    )
    for name, method in _methods(LearningStore):
        yield name, _parameters(method)
    for name, method in _methods(Buffer):
        yield f"buffered.{name}", _parameters(method)
    for name in RECORDS:
        record = getattr(store, name)
        assert is_dataclass(record)
        yield name, [field.name for field in fields(record)]


def table() -> Iterator[str]:
    """The table as the reference has it."""
    yield "| argument | takes | of |\n|-|-|-|"
    places: dict[tuple[str, Kind], list[str]] = {}
    for operation, arguments in operations():
        for argument in arguments:
            places.setdefault((argument, kind_of(operation, argument)), []).append(operation)
    for (argument, kind), found in sorted(places.items(), key=lambda item: item[0][0]):
        yield f"| `{argument}` | {kind.name} | {', '.join(f'`{name}`' for name in found)} |"
    yield ""
    yield "| | |\n|-|-|"
    for kind in _kinds(kind for _, kind in places):
        yield f"| {kind.name} | {kind.takes} |"


def _kinds(used: Iterable[Kind]) -> list[Kind]:
    """In the order in which they are declared above, where one refers to another."""
    found = set(used) | {DOCUMENT}
    return [kind for kind in globals().values() if isinstance(kind, Kind) and kind in found]


def _methods(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            yield name, method


def _parameters(method: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(method).parameters if name != "self"]
