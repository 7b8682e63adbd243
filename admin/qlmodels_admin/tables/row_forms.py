"""The form of a table's rows: exact fields, with the agent types to choose from."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from sqladmin.forms import WTFORMS_ATTRS
from wtforms import Form

from qlmodels.connection import read_transaction
from qlmodels.tables import AgentType
from qlmodels.verdicts import agent_type_names
from qlmodels_admin.rows import (
    NULLNESS,
    ChoiceField,
    ContainsFilter,
    Filter,
    InstanceFilter,
    PanelConverter,
    RangeFilter,
    RowStore,
    TimeFilter,
    YesNoFilter,
)
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView
from qlmodels_admin.values import InvalidRowKey, key_value, load_json


class NamedFields(Form):
    """A form whose fields have attributes' names, those of a form's own parts among them."""

    def process(self, *args: Any, **kwargs: Any) -> None:
        self._fields = OrderedDict((field.name, field) for field in self._fields.values())
        super().process(*args, **kwargs)  # type: ignore[no-untyped-call]


class RowForms(KeyedModelView):
    """A view whose forms have exact fields."""

    form_converter = PanelConverter
    form_include_pk = True
    rows: RowStore

    async def form_of(self, names: Sequence[str]) -> type[Form]:
        """Return the form of these attributes, in their order."""
        scaffolded: Any = await self.scaffolded_form(names)
        fields: dict[str, Any] = {}
        for place, name in enumerate(names):
            field: Any = getattr(scaffolded, WTFORMS_ATTRS.get(name, name))
            if name == "agent_type" and self._is_of_agent_type():
                async with read_transaction(self.engine) as connection:
                    values = await agent_type_names(connection)
                field = ChoiceField(
                    name=name, values=values, description="Whose row it is; it stays so"
                )
            field.creation_counter = place
            field.kwargs["label"] = self.label_of(name)
            fields[f"field_{place}"] = field
        return type("RowForm", (NamedFields, self.form_base_class), fields)

    def _is_of_agent_type(self) -> bool:
        """Return whether the table's agent types are those of the fleet."""
        column = self.rows.columns["agent_type"]
        return any(key.column.table.name == AgentType.__tablename__ for key in column.foreign_keys)


def initial_values(view: Any, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what a new row has, so that a list with these filters shows it."""
    return {
        filter_.column: value
        for filter_ in view.url_filters
        if (text := parameters.get(filter_.parameter, "").strip())
        and (value := _value_of(view, filter_, text)) is not None
    }


def _value_of(view: Any, filter_: Filter, text: str) -> Any:
    """Return the one value that a filter leaves; None where it leaves several or none."""
    if isinstance(filter_, InstanceFilter | TimeFilter) or text in NULLNESS:
        return None
    if isinstance(filter_, RangeFilter) and ".." in text:
        return None
    try:
        if isinstance(filter_, YesNoFilter):
            return {"yes": True, "no": False}.get(text)
        if isinstance(filter_, ContainsFilter):
            return load_json(text)
        return key_value(view.rows.columns[filter_.column], text)
    except (InvalidRowKey, ValueError, NotImplementedError):
        return None
