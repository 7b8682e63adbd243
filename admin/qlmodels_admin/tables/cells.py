"""How the values of a table look: in a list's row, and on a row's own page."""

from typing import Any, ClassVar, cast

from markupsafe import Markup
from starlette.requests import Request

from qlmodels.formatting import format_number
from qlmodels_admin.mapping import ModelAttribute, object_of
from qlmodels_admin.tables.urls import RowUrls
from qlmodels_admin.values import (
    NULL_CELL,
    ColumnText,
    abbreviated,
    copy_button,
    cut,
    encode_key,
    exact_moment,
    json_document,
    json_line,
    load_json,
    parse_array,
    part_text,
    python_value,
    relative_moment,
    status_word,
    title_of,
    type_family,
)


class Cells(RowUrls):
    """A view that shows values by their types, and as it declares."""

    short: ClassVar[tuple[str, ...]] = ()
    """Columns of which 8 characters are enough: hashes, and references to rows."""

    statuses: ClassVar[tuple[str, ...]] = ()
    """Columns of words that may mean trouble."""

    nulls: ClassVar[dict[str, str]] = {}
    """What the absence of a value means, by column, where that is known."""

    words: ClassVar[tuple[str, ...]] = ()
    """Columns of lists of words."""

    references: ClassVar[dict[str, str]] = {}
    """The table that a column refers to, where that is not declared by a foreign key."""

    attributes: dict[str, ModelAttribute]
    """What each name means that the view shows."""

    def cell(self, row: Any, name: str, request: Request) -> Markup | str:
        """Return a value of a list's row, in one line."""
        if formatter := self.formatter_of(name):
            return cast("Markup | str", formatter(self._object_of(row), name, request))
        value = self.value_of(row, name)
        if value is None:
            return self.absent(name)
        if name == self.key_names[-1]:
            href = self.url_of(request, "details", self.key_of(row))
            text = part_text(value)
            label = text[:8] if name in self.short else cut(text)
            title = title_of(text)
            return Markup('<a class="key" href="%s" title="%s">%s</a>') % (href, title, label)
        if link := self.link_of(request, row, name):
            return self.reference(link, name, value)
        if name in self.short:
            return abbreviated(value)
        if name in self.statuses:
            return status_word(value)
        return self.shown(name, value)

    def detail(self, row: Any, name: str, request: Request) -> Markup | str:
        """Return a value at its full length; keys and hashes can be copied."""
        if formatter := self.formatter_of(name, detail=True):
            return cast("Markup | str", formatter(self._object_of(row), name, request))
        value = self.value_of(row, name)
        if value is None:
            return self.absent(name)
        if self.kind(name) == "uuid" or name in self.short:
            copy = copy_button(value, self.label_of(name))
            return Markup("{} {}").format(self._whole(row, name, value, request), copy)
        return self._whole(row, name, value, request)

    def absent(self, name: str) -> Markup | str:
        """Return how NULL is shown."""
        meaning = self.nulls.get(name)
        return Markup('<span class="null">{}</span>').format(meaning) if meaning else NULL_CELL

    def _whole(self, row: Any, name: str, value: Any, request: Request) -> Markup | str:
        if href := self.link_of(request, row, name):
            return self.reference(href, name, value, whole=True)
        match self.kind(name):
            case "json":
                return json_document(_document(value))
            case _ if name in self.statuses:
                return status_word(value)
            case _ if name in self.words:
                return self._text(name, value)
            case _ if isinstance(value, ColumnText):
                return Markup('<span class="text">{}</span>').format(value)
            case "number":
                return str(value)
            case "moment":
                return Markup("{} <i>{}</i>").format(exact_moment(value), relative_moment(value))
            case "flag":
                return "yes" if value else "no"
            case _:
                return Markup('<span class="text">{}</span>').format(value)

    def _object_of(self, row: Any) -> Any:
        return object_of(self.model, {name: python_value(value) for name, value in row.items()})

    def value_of(self, row: Any, name: str) -> Any:
        """Return what a row has under a name: a column's value, or what Python makes of them."""
        attribute = self.attributes[name]
        if attribute.sql is not None:
            return row[name]
        if attribute.is_computed:
            return getattr(self._object_of(row), name)
        key = [row[local] for local in attribute.local]
        return None if None in key else encode_key(key)

    def reference(self, href: str, name: str, value: Any, *, whole: bool = False) -> Markup:
        """Return a link to the row that this one refers to, or to those that refer to it."""
        label = str(value)
        shown = label[:8] if name in self.short and not whole else cut(label)
        return Markup('<a class="reference" href="%s" title="%s">%s</a>') % (href, label, shown)

    def shown(self, name: str, value: Any) -> Markup | str:
        """Return a value by its type, in one line."""
        match self.kind(name):
            case "json":
                return json_line(_document(value))
            case _ if isinstance(value, ColumnText):
                return _one_line(value)
            case "number":
                return Markup('<span title="%s">%s</span>') % (value, format_number(value))
            case "moment":
                return relative_moment(value)
            case "flag":
                return "yes" if value else "no"
            case _:
                return _one_line(self._text(name, value))

    def help_of(self, name: str) -> str:
        """Return a column's name in the database, and what its comment says."""
        column = self.attributes[name].column
        if column is None:
            return self.label_of(name)
        return f"{column.name}: {column.comment}" if column.comment else str(column.name)

    def kind(self, name: str) -> str:
        """Return how a column is shown: json, number, moment, flag, uuid or text."""
        attribute = self.attributes[name]
        return "text" if attribute.sql is None else type_family(attribute.sql.type).kind

    def _text(self, name: str, value: Any) -> str:
        """Return a value as text; a list of words as people write it."""
        if name not in self.words:
            return str(value)
        words = parse_array(value) if isinstance(value, ColumnText) else value
        return ", ".join(map(str, words))


def _document(value: Any) -> Any:
    return load_json(value) if isinstance(value, ColumnText) else value


def _one_line(text: str) -> Markup | str:
    line = cut(text)
    if line == text:
        return str(text)
    return Markup('<span title="%s">%s</span>') % (title_of(text), line)
