"""The panel's views of these tables, each with all that its mapping has."""

from typing import Any

from qlmodels_admin import TableView
from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty

from tests.admin.mappings import models as m

MODELS: tuple[type, ...] = (
    m.Author,
    m.Profile,
    m.Book,
    m.Tag,
    m.Reading,
    m.Category,
    m.Order,
    m.OrderLine,
    m.Team,
    m.Player,
    m.Country,
    m.City,
    m.Note,
    m.DepotNote,
    m.Box,
    m.Vehicle,
    m.Car,
    m.Animal,
    m.Dog,
    m.Person,
    m.LoudPerson,
    m.Point,
    m.Hero,
    m.League,
    m.Parcel,
)


def view_of(model: type, **own: Any) -> Any:
    """A view that names every attribute wherever it may be named."""
    mapper: Any = inspect(model)
    columns = [
        prop.key
        for prop in mapper.attrs
        if isinstance(prop, ColumnProperty) and prop.columns[0].table is not None
    ]
    declared = {
        "column_list": [*mapper.all_orm_descriptors.keys()],
        "column_sortable_list": columns,
    }
    kind: Any = type(TableView)
    return kind(f"{model.__name__}View", (TableView,), declared | own, model=model)


VIEWS = tuple(view_of(model) for model in MODELS)
