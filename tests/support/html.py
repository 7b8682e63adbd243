"""What a page says, whichever way its template was laid out."""

import re
from html import unescape

TAG = re.compile(r"<[^>]*>")


def text_of(page: str) -> str:
    """Return the text of a page without its tags, each run of white space as one space."""
    return " ".join(unescape(TAG.sub("", page)).split())
