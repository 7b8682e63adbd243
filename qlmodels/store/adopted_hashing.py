"""Hashes as the original makes them, for agent types whose Q-tables were adopted.

Its clients hash what Python's `json` module writes, with sorted keys, and an action's name as it
is. Documents that were adopted with hashes of another kind are known one by one.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, fields, replace
from functools import partial, wraps
from typing import Any, Concatenate, Protocol, TypeVar

from qlmodels.store.deadlines import Arguments, one_deadline
from qlmodels.store.hashing import Document, Encode, Hashed, identify
from qlmodels.store.plain import plain

T = TypeVar("T")
MadeRow = TypeVar("MadeRow")
MadeRecord = TypeVar("MadeRecord", bound=Any)
HashRule = Callable[[Any, str], str]
"""The hash of a document, given it and the text that the original writes for it."""


class MakesKeys(Protocol):
    time_limit: float
    _knows_hashing: bool

    async def _know_hashing(self) -> None: ...


KeyMaker = TypeVar("KeyMaker", bound=MakesKeys)


@dataclass(frozen=True, slots=True)
class AdoptedHashing:
    """The original's rule, and what was adopted with other hashes, by the hashes that are ours."""

    states: Mapping[str, str]
    actions: Mapping[str, str]

    def state(self, value: Any, what: str, encode: Encode | None) -> Document:
        """`identify`, for a state."""
        return self._identify(value, what, encode, self.states, original_state_hash)

    def action(self, value: Any, what: str) -> Document:
        """`identify`, for an action."""
        return self._identify(value, what, None, self.actions, original_action_hash)

    def _identify(
        self,
        value: Any,
        what: str,
        encode: Encode | None,
        adopted: Mapping[str, str],
        rule: HashRule,
    ) -> Document:
        own = identify(value, what, encode)
        if isinstance(value, Hashed):
            return own
        if isinstance(value, Document):
            if value.original is None:
                return value
            text = value.original
        else:
            text = original_text(encode(value) if encode else value)
        key = adopted.get(own.hash) or rule(json.loads(text), text)
        return Document(key, text, _is_prepared=True)


def keyed(
    operation: Callable[Concatenate[KeyMaker, Arguments], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[KeyMaker, Arguments], Coroutine[Any, Any, T]]:
    """Let an operation that makes keys know first how the agent type hashes."""

    async def first(store: KeyMaker, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> T:
        with one_deadline(store.time_limit):
            await store._know_hashing()
            return await operation(store, *args, **kwargs)

    @wraps(operation)
    def known(
        store: KeyMaker, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Coroutine[Any, Any, T]:
        call = operation if store._knows_hashing else first
        return call(store, *args, **kwargs)

    return known


def keyed_later(
    store: MakesKeys,
    make: Callable[[Any], MadeRow],
    write: Callable[[Sequence[MadeRow]], Awaitable[Any]],
) -> tuple[
    Callable[[Any], MadeRow | Callable[[], MadeRow]], Callable[[Sequence[Any]], Awaitable[Any]]
]:
    """`make` and `write` of rows that may be given before the hashing is known.

    Those are checked at once, kept as they were given, and made again when they are written.
    """

    def ready(value: Any) -> MadeRow | Callable[[], MadeRow]:
        row = make(value)
        return row if store._knows_hashing else partial(make, _copied(value))

    async def written(rows: Sequence[Any]) -> Any:
        await store._know_hashing()
        return await write([row() if isinstance(row, partial) else row for row in rows])

    return ready, written


def _copied(record: MadeRecord) -> MadeRecord:
    """A record that stays as it is when what it holds is changed, as far as that can be copied."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return replace(record, **{name: _copy(value) for name, value in values.items()})


def _copy(value: T) -> T:
    try:
        return deepcopy(value)
    except Exception:  # views, as of a mapping, which cannot be copied
        return value


def original_text(value: Any) -> str:
    """JSON as the original writes it: 1.0 is another number than 1."""
    return json.dumps(plain(value), sort_keys=True)


def original_state_hash(state: Any, text: str) -> str:
    """The original's hash of a state that it writes as `text`.

    Its encoder stores the features that it hashes as the `state_tuple` of a larger document.
    """
    if isinstance(state, dict):
        if isinstance(features := state.get("state_tuple"), list):
            return _sha256(json.dumps(features, sort_keys=True))
        if is_hash_alone(state):
            return str(state["hash"])
    return _sha256(text)


def original_action_hash(action: Any, text: str) -> str:
    """The original's hash of an action that it writes as `text`; that of a name is of the name."""
    if isinstance(action, str):
        return _sha256(action)
    if isinstance(action, dict) and is_hash_alone(action):
        return str(action["hash"])
    return _sha256(text)


def is_hash_alone(document: Mapping[str, Any]) -> bool:
    """Whether the original stored a hash in place of the document: its service does."""
    rest = {name: value for name, value in document.items() if name != "hash"}
    return isinstance(document.get("hash"), str) and rest in ({}, {"action": "unknown"})


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
