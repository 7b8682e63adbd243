"""States and actions as JSON documents, and the hashes by which they are found.

A hash is SHA-256 in hex over RFC 8785 canonical JSON, so that two services in two languages
agree: `1` and `1.0` are one state, the order of keys does not matter.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import orjson
import rfc8785

from qlmodels.storable_text import HAS_NUL, HAS_SURROGATE, json_has_nul
from qlmodels.store import checks
from qlmodels.store.canonical import dumps
from qlmodels.store.errors import DocumentTooLarge, InvalidValue
from qlmodels.store.plain import MAX_WHOLE, NotPlain, shown

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Encode: TypeAlias = Callable[[Any], Json]

MAX_DOCUMENT_BYTES = 2**28 - 1
"""Bytes; what one jsonb value holds at most."""

MAX_HASH_CHARS = 64

_MANY_DIGITS = re.compile(r"\d{16}")

_ABSENT: Json = object()  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Hashed:
    """A state or an action whose hash the caller made: 1 to 64 characters.

    The document is needed where a pair may be made, not where one is looked up.
    """

    hash: str
    document: Json = _ABSENT


@dataclass(frozen=True, slots=True)
class Document:
    """A state or an action made ready by `LearningStore.prepare`: hashed and written once."""

    hash: str
    text: str | None
    """JSON; None where the caller gave a hash alone."""

    original: str | None = None
    """JSON as the original writes it, while the agent type's hashing is not known yet."""

    _is_prepared: bool = field(default=False, repr=False, compare=False)
    """Whether it was made here, so that it need not be checked."""

    def stored(self, what: str) -> str:
        """The text, for a pair that may have to be made. Raises InvalidValue."""
        if self.text is None:
            raise InvalidValue(
                f"The hash {self.hash!r} of the {what} came without its document, and a pair is "
                f"stored with both: give Hashed({self.hash!r}, document)."
            )
        return self.text


def identify(value: Any, what: str, encode: Encode | None = None) -> Document:
    """`value` as it is stored, and its hash; `what` names it in errors.

    Raises InvalidValue for what is not JSON, DocumentTooLarge.
    """
    if isinstance(value, Document):
        return _prepared(value, what)
    if type(value) is str and not encode:
        return _identify_text(value, what)
    if isinstance(value, Hashed):
        key = checks.text(value.hash, MAX_HASH_CHARS, f"hash of the {what}")
        absent = value.document is _ABSENT
        text = None if absent else canonical(value.document, what).decode()
        return Document(key, text, _is_prepared=True)
    return _document(encode(value) if encode else value, what)


def _prepared(value: Document, what: str) -> Document:
    if value._is_prepared:
        return value
    raise InvalidValue(
        f"The {what} is {shown(value)}, which LearningStore.prepare() did not make. Give what it "
        "returns, or Hashed(hash, document)."
    )


@lru_cache(4096)
def _identify_text(value: str, what: str) -> Document:
    """Actions are few, and mostly names."""
    return _document(value, what)


def _document(value: Any, what: str) -> Document:
    text = canonical(value, what)
    return Document(hashlib.sha256(text).hexdigest(), text.decode(), _is_prepared=True)


def canonical(value: Any, what: str) -> bytes:
    """RFC 8785 canonical JSON. Raises InvalidValue, DocumentTooLarge."""
    if isinstance(value, str) and len(value) > MAX_DOCUMENT_BYTES:
        raise _too_large(len(value), what)
    try:
        text = dumps(value)
    except NotPlain as error:
        raise InvalidValue(f"The {what} holds {error}.") from error
    except RecursionError as error:
        raise InvalidValue(
            f"The {what} is nested too deep, or holds itself: {shown(value)}. Flatten it."
        ) from error
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidValue(
            f"The {what} holds {_surrogate(error)!r} and cannot be stored. {HAS_SURROGATE} Decode "
            "the text with errors='replace'."
        ) from error
    if len(text) > MAX_DOCUMENT_BYTES:
        raise _too_large(len(text), what)
    if json_has_nul(text):
        raise InvalidValue(
            f"The {what} is {shown(value)} and cannot be stored. {HAS_NUL} Remove them."
        )
    return text


def document(value: Any, what: str) -> str:
    """A document that is no state or action. Raises as `canonical` does."""
    return canonical(value, what).decode()


def _surrogate(error: BaseException) -> str | None:
    """Half of a pair of UTF-16 that stands alone, if that is what `error` is about."""
    cause = error if isinstance(error, UnicodeEncodeError) else error.__cause__
    return cause.object[cause.start] if isinstance(cause, UnicodeEncodeError) else None


def parse(text: str) -> Any:
    """A document as the database gives it, with the hash that it was stored with."""
    if _MANY_DIGITS.search(text) is None:
        return json.loads(text)
    return json.loads(text, parse_int=_parse_whole)


def _parse_whole(digits: str) -> int | float:
    """Postgres writes 1e22 in digits, and JSON's integers do not reach that far."""
    number = float(digits)
    is_float = abs(number) > MAX_WHOLE and Decimal(repr(number)) == Decimal(digits)
    return number if is_float else int(digits)


def record(values: Mapping[str, Any], documents: Mapping[str, str]) -> str:
    """One JSON object of plain values, and of documents that are JSON text already."""
    plain = orjson.dumps(values).decode()
    parts = [plain[1:-1], *(f'"{name}":{text}' for name, text in documents.items())]
    return "{" + ",".join(parts) + "}"


def array(items: Iterable[str]) -> str:
    """A JSON array of what is JSON text already. Raises DocumentTooLarge."""
    text = "[" + ",".join(items) + "]"
    if len(text) > MAX_DOCUMENT_BYTES:
        raise _too_large(len(text), "batch")
    return text


def _too_large(size: int, what: str) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"The {what} takes {size:,} bytes as JSON, and Postgres stores at most "
        f"{MAX_DOCUMENT_BYTES:,}: keep it elsewhere and store its name."
    )
