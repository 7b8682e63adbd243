"""The form of a table's rows: exact fields, with the agent types to choose from."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form

from qlmodels.connection import read_transaction
from qlmodels.tables import AgentType
from qlmodels.verdicts import agent_type_names
from qlmodels_admin.rows import ChoiceField, PanelConverter
from qlmodels_admin.tables.sqladmin_compat import KeyedModelView


class RowForms(KeyedModelView):
    """A view whose forms have exact fields."""

    form_converter = PanelConverter
    form_include_pk = True

    async def form_of(self, names: Sequence[str]) -> type[Form]:
        """Return the form of these attributes, in their order."""
        form: Any = await self.scaffolded_form(names)
        if self.model is not AgentType and hasattr(form, "agent_type"):
            async with read_transaction(self.engine) as connection:
                values = await agent_type_names(connection)
            form.agent_type = ChoiceField(values=values, description="Whose row it is; it stays so")
        for place, name in enumerate(names):
            field = getattr(form, name)
            field.creation_counter = place
            field.kwargs["label"] = self.label_of(name)
        return form  # type: ignore[no-any-return]
