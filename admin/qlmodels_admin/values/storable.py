"""What the panel does about text that Postgres cannot store."""

from qlmodels.storable_text import json_has_nul, unstorable


def unstorable_json(text: str) -> str | None:
    """Return why jsonb cannot hold a document, as the end of a sentence; None if it can."""
    if json_has_nul(text.encode("utf-8", "surrogatepass")):
        return "it has a NUL character in a string"
    if unstorable(text) is not None:
        return "it has half of a surrogate pair in a string"
    return None


def without_nul(text: str) -> str:
    """Return the text without NUL characters, which a form can show again."""
    return text.replace("\x00", "")
