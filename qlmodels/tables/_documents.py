"""JSON documents whose changes in place are stored, however deep they are made.

A document of a row is a dict or list that tells its row when it, or one within it, is changed.
It is a copy of what was assigned, and copies of it are plain.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Self, SupportsIndex, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.attributes import flag_modified

from qlmodels.tables._values import StorableJson, retitled

_P = ParamSpec("_P")
_Result = TypeVar("_Result")
_Container = TypeVar("_Container", bound="DocumentDict | DocumentList")

_storable: Final[TypeAdapter[Any]] = TypeAdapter(StorableJson)
_NOT_GIVEN: Final = object()


class _Place:
    """The attribute of a row that a document is the value of.

    It holds the row, which a session holds weakly: `session.get_one(Pattern, key).extra["a"] = 1`
    would else change a document whose row is gone.
    """

    def __init__(self, row: Any, name: str) -> None:
        self.row, self.name = row, name
        self.document: Any = None

    def check(self) -> None:
        if self.row is not None and inspect(self.row).dict.get(self.name) is not self.document:
            attribute = f"{type(self.row).__name__}.{self.name}"
            raise InvalidRequestError(
                f"This document of {attribute} was read before the row was expired or loaded "
                f"again, as by a commit. Read {attribute} again, and change that."
            )

    def changed(self) -> None:
        if self.row is not None:
            flag_modified(self.row, self.name)

    def is_of(self, row: Any, name: str, document: Any) -> bool:
        return self.row is row and self.name == name and self.document is document

    def holding(self, value: Any) -> Any:
        """Return a copy of `value` whose containers report here."""
        if isinstance(value, dict):
            made: Any = DocumentDict({key: self.holding(item) for key, item in value.items()})
        elif isinstance(value, list):
            made = DocumentList([self.holding(item) for item in value])
        else:
            return value
        made._place = self
        return made

    def taking(self, value: Any) -> Any:
        """Return a value that is put into the document. Raises ValidationError."""
        try:
            return self.holding(_storable.validate_python(value))
        except ValidationError as error:
            raise retitled(error, type(self.row).__name__, self.name) from None


def _change(
    method: Callable[Concatenate[_Container, _P], _Result],
) -> Callable[Concatenate[_Container, _P], _Result]:
    """Have a method that changes its container report to the row."""

    @wraps(method)
    def change(self: _Container, /, *args: _P.args, **kwargs: _P.kwargs) -> _Result:
        self._place.check()
        result = method(self, *args, **kwargs)
        self._place.changed()
        return result

    return change


class DocumentDict(dict[str, Any]):
    """An object of a document."""

    __slots__ = ("_place",)
    _place: _Place

    def __reduce_ex__(self, _: SupportsIndex) -> Any:
        return dict, (), None, None, iter(self.items())

    @_change
    def __setitem__(self, key: str, value: Any) -> None:
        super().update(self._place.taking({key: value}))

    @_change
    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)

    @_change
    def clear(self) -> None:
        super().clear()

    @_change
    def pop(self, key: str, default: Any = _NOT_GIVEN) -> Any:
        return plain(super().pop(key) if default is _NOT_GIVEN else super().pop(key, default))

    @_change
    def popitem(self) -> tuple[str, Any]:
        key, value = super().popitem()
        return key, plain(value)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    @_change
    def update(self, *args: Any, **kwargs: Any) -> None:
        super().update(self._place.taking(dict(*args, **kwargs)))

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self


class DocumentList(list[Any]):
    """An array of a document."""

    __slots__ = ("_place",)
    _place: _Place

    def __reduce_ex__(self, _: SupportsIndex) -> Any:
        return list, (), None, iter(self)

    @_change
    def __setitem__(self, index: Any, value: Any) -> None:
        taken = self._place.taking(list(value) if isinstance(index, slice) else value)
        super().__setitem__(index, taken)

    @_change
    def __delitem__(self, index: Any) -> None:
        super().__delitem__(index)

    @_change
    def append(self, value: Any) -> None:
        super().append(self._place.taking(value))

    @_change
    def extend(self, values: Iterable[Any]) -> None:
        super().extend(self._place.taking(list(values)))

    @_change
    def insert(self, index: SupportsIndex, value: Any) -> None:
        super().insert(index, self._place.taking(value))

    @_change
    def pop(self, index: SupportsIndex = -1) -> Any:
        return plain(super().pop(index))

    @_change
    def remove(self, value: Any) -> None:
        super().remove(value)

    @_change
    def clear(self) -> None:
        super().clear()

    @_change
    def sort(self, /, **how: Any) -> None:
        super().sort(**how)

    @_change
    def reverse(self) -> None:
        super().reverse()

    def __iadd__(self, values: Iterable[Any]) -> Self:  # type: ignore[misc]
        self.extend(values)
        return self

    def __imul__(self, times: SupportsIndex) -> Self:
        self[:] = list(self) * times
        return self


def plain(value: Any) -> Any:
    """Return a document, or part of one, as it was assigned: plain, and no row's."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def place(row: Any, name: str, value: Any) -> Any:
    """Return the document of a row's attribute: `value`, or a copy of it that reports changes."""
    if isinstance(value, DocumentDict | DocumentList) and value._place.is_of(row, name, value):
        return value
    new = _Place(row, name)
    new.document = new.holding(value)
    return new.document


def displace(value: Any) -> None:
    """Make a document one of no row: another one is assigned."""
    if isinstance(value, DocumentDict | DocumentList):
        value._place.row = None
