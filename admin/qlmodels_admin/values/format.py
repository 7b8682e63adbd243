"""How a value looks: in one cell of a list, and at length on a row's own page."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape

from qlmodels.formatting import format_age, format_number
from qlmodels_admin.values import exact_json
from qlmodels_admin.values.timestamps import FarMoment, exact_moment

NULL_CELL = Markup('<span class="null">null</span>')
MAX_LINE_CHARS = 160
MAX_TITLE_CHARS = 2000
MAX_TREE_LEAVES = 2000
STATUS_CLASSES = {"failed": "bad", "error": "bad", "cancelled": "odd", "paused": "odd"}


def relative_moment(value: datetime, now: datetime | None = None) -> Markup:
    """How long ago or from now; the exact time, in UTC, on hover."""
    if isinstance(value, FarMoment):
        return Markup("<time>%s</time>") % value.text
    exact = exact_moment(value)
    return Markup('<time datetime="%s" title="%s">%s</time>') % (
        value.isoformat(),
        exact,
        format_age(value - (now or datetime.now(UTC))),
    )


def abbreviated(value: str | UUID) -> Markup:
    """The first 8 characters; a click copies all of them."""
    text = str(value)
    button = Markup('<button type="button" class="short" data-copy="%s" title="%s">%s</button>')
    return button % (text, f"{text} (click copies it)", text[:8])


def copy_button(value: str | UUID, what: str) -> Markup:
    """A button that copies the value, whose text stands beside it."""
    return Markup(
        '<button type="button" class="short" data-copy="{}" aria-label="Copy {}">copy</button>'
    ).format(value, what)


def json_line(value: Any) -> Markup:
    """One line of `key: value` pairs."""
    text = cut(exact_json.dump_json(value)) if isinstance(value, str) else one_line(value)
    return Markup('<code title="%s">%s</code>') % (plain_json(value), text)


def plain_json(value: Any) -> str:
    """A document's text, as far as a title shows it."""
    return exact_json.dump_json(value)[:MAX_TITLE_CHARS]


def one_line(value: Any) -> str:
    """A document in few words: a text without quotes, an object as its `key: value` pairs."""
    if isinstance(value, dict) and value:
        return cut(", ".join(f"{key}: {exact_json.dump_json(item)}" for key, item in value.items()))
    return cut(value if isinstance(value, str) else exact_json.dump_json(value))


def cut(text: str, length: int = MAX_LINE_CHARS) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def title_of(text: str) -> str:
    """Return a long text as far as a title shows it."""
    return cut(text, MAX_TITLE_CHARS)


def status_word(value: str) -> Markup:
    """A status: only what needs attention has a colour."""
    kind = STATUS_CLASSES.get(value)
    return Markup('<span class="word %s">%s</span>') % (kind, value) if kind else escape(value)


def json_document(value: Any) -> Markup:
    """As a tree, and below it the text, to be copied."""
    text = exact_json.dump_json(value, indent=2)
    return Markup(
        '{}<details class="raw"><summary>as text</summary>'
        '<button type="button" class="btn" data-copy="{}">Copy</button><pre>{}</pre></details>'
    ).format(json_tree(value), text, text)


def json_tree(value: Any) -> Markup:
    """A document as a tree that folds without a script."""
    if isinstance(value, exact_json.Unparsed):
        return Markup('<pre class="json">{}</pre>').format(value)
    leaves = [MAX_TREE_LEAVES]
    return Markup('<div class="tree">{}</div>').format(Markup("").join(_branch(value, leaves, 0)))


def _branch(value: Any, leaves: list[int], level: int) -> Iterator[Markup]:
    if not isinstance(value, dict | list) or not value:
        yield leaf(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    count = f"{len(value)} {'key' if isinstance(value, dict) else 'item'}{'s' * (len(value) > 1)}"
    yield Markup("<details{}><summary>{} <i>{}</i></summary><ul>").format(
        Markup(" open") if level < 2 and len(value) <= 40 else "", opening, count
    )
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if leaves[0] <= 0:
            yield Markup("<li><i>… the rest is in the text below</i></li>")
            break
        leaves[0] -= 1
        yield Markup("<li><b>{}</b> ").format(key)
        yield from _branch(item, leaves, level + 1)
        yield Markup("</li>")
    yield Markup("</ul>{}</details>").format(closing)


def leaf(value: Any) -> Markup:
    match value:
        case str():
            kind = "string"
        case bool():
            kind = "flag"
        case int() | float() | Decimal():
            kind = "number"
        case _:
            kind = "other"
    return Markup('<code class="%s">%s</code>') % (kind, exact_json.dump_json(value))


def sparkline(values: list[float], width: int = 96, height: int = 20) -> Markup:
    """A line through the values, oldest first; they are its title, for who reads or hears them."""
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 2) / (len(values) - 1)
    points = " ".join(
        f"{1 + index * step:.1f},{height - 2 - (value - low) / span * (height - 4):.1f}"
        for index, value in enumerate(values)
    )
    return Markup(
        '<svg class="spark" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img">'
        '<title>{t}</title><polyline points="{p}"/></svg>'
    ).format(w=width, h=height, t=" → ".join(map(format_number, values)), p=points)
