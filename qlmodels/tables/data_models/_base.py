"""What clients send and are sent: the seven classes without a table."""

from typing import Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig

from qlmodels.tables._row import attributes_of


class DataModel(SQLModel):
    """A row as it is sent, by names of attributes or of columns (`metadata`)."""

    model_config = SQLModelConfig(extra="forbid", validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _read_attributes(cls, given: Any) -> Any:
        return attributes_of(given)


class CreateModel(DataModel):
    """A new row as a client sends it: without what the server sets."""


class ReadModel(DataModel):
    """A row as the database has it. It takes rows of a query, and leaves out what it lacks."""

    model_config = SQLModelConfig(extra="ignore")


class UpdateModel(DataModel):
    """Changes of a row: `row.sqlmodel_update(changes.model_dump(exclude_unset=True))`.

    What is left out is None and stays as it is; null is taken where the column takes it.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler(schema)
        for field in handler.resolve_ref_schema(written).get("properties", {}).values():
            field.pop("default", None)
        return written
