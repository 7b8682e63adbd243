"""What no text in Postgres can hold."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def unstorable(text: str) -> str | None:
    """Why Postgres cannot hold the text, as a sentence; None if it can."""
    found = _UNSTORABLE.search(text)
    if found is None:
        return None
    if found[0] == "\x00":
        return "Text must not contain NUL characters."
    return "Text must not contain half of a surrogate pair."
