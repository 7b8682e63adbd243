"""The hot paths of a fleet, straight on asyncpg."""

from qlmodels.store.buffer import Buffer
from qlmodels.store.choice import (
    Choice,
    Chooser,
    EpsilonGreedy,
    KnownAction,
    Softmax,
    epsilon_greedy,
    greedy,
    softmax,
    ucb,
)
from qlmodels.store.core import UNNAMED_INSTANCE
from qlmodels.store.episode import Episode
from qlmodels.store.errors import (
    ConcurrentUse,
    Conflict,
    DocumentTooLarge,
    FailedWrite,
    InvalidValue,
    NoActions,
    OutcomeUnknown,
    PoolExhausted,
    Refused,
    StateMismatch,
    StoreClosed,
    UnknownReference,
    WritesFailed,
    WrongEnvironment,
    WrongEventLoop,
)
from qlmodels.store.hashing import Document, Hashed
from qlmodels.store.learning_store import LearningStore
from qlmodels.store.metrics_protocol import Meter
from qlmodels.store.next_policy import NextPolicy
from qlmodels.store.nudges import Nudge
from qlmodels.store.pairs import Pair, StoredPair
from qlmodels.store.patterns import MatchedPattern
from qlmodels.store.pending import Pending
from qlmodels.store.recording import GivenReward
from qlmodels.store.replayed import Replayed
from qlmodels.store.transition import Learned, Transition

__all__ = [
    "UNNAMED_INSTANCE",
    "Buffer",
    "Choice",
    "Chooser",
    "ConcurrentUse",
    "Conflict",
    "Document",
    "DocumentTooLarge",
    "Episode",
    "EpsilonGreedy",
    "FailedWrite",
    "GivenReward",
    "Hashed",
    "InvalidValue",
    "KnownAction",
    "Learned",
    "LearningStore",
    "MatchedPattern",
    "Meter",
    "NextPolicy",
    "NoActions",
    "Nudge",
    "OutcomeUnknown",
    "Pair",
    "Pending",
    "PoolExhausted",
    "Refused",
    "Replayed",
    "Softmax",
    "StateMismatch",
    "StoreClosed",
    "StoredPair",
    "Transition",
    "UnknownReference",
    "WritesFailed",
    "WrongEnvironment",
    "WrongEventLoop",
    "epsilon_greedy",
    "greedy",
    "softmax",
    "ucb",
]
