"""Which text Postgres can store: the one rule for tables, stores and the panel."""

import re

HAS_NUL = "Text must not contain NUL characters."
HAS_SURROGATE = "Text must not contain half of a surrogate pair."

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def unstorable(text: str) -> str | None:
    """Return why Postgres cannot store the text, as a sentence; None if it can."""
    if text.isascii() and "\x00" not in text:
        return None
    match = _UNSTORABLE.search(text)
    if match is None:
        return None
    return HAS_NUL if match[0] == "\x00" else HAS_SURROGATE


def json_has_nul(text: bytes) -> bool:
    """Return whether a string in this JSON holds a NUL character, escaped as JSON has it."""
    return b"\\u0000" in text and _NUL_IN_JSON.search(text) is not None
