"""What no text in Postgres can hold: NUL characters and halves of surrogate pairs."""

import re
from typing import Final

NUL: Final = "\x00"
NUL_IN_JSON: Final = "\\u0000"
_UNSTORABLE = re.compile(f"[{NUL}\ud800-\udfff]")


def unstorable(text: str) -> str | None:
    """Return why Postgres cannot hold the text, as a sentence; None if it can."""
    match = _UNSTORABLE.search(text)
    if match is None:
        return None
    if match[0] == NUL:
        return "Text must not contain NUL characters."
    return "Text must not contain half of a surrogate pair."


def unstorable_json(text: str) -> str | None:
    """Return why jsonb cannot hold a document, as the end of a sentence; None if it can."""
    if NUL_IN_JSON in text.replace("\\\\", ""):
        return "it has a NUL character in a string"
    if unstorable(text) is not None:
        return "it has half of a surrogate pair in a string"
    return None


def without_nul(text: str) -> str:
    """Return the text without NUL characters, which a form can show again."""
    return text.replace(NUL, "")
