"""The MetaData and the class registry of our rows, beside those of a project that imports us."""

from typing import Any

from sqlalchemy.orm import registry
from sqlmodel._compat import get_annotations, is_table_model_class
from sqlmodel.main import SQLModelMetaclass

mapped = registry()
metadata = mapped.metadata


class RowMetaclass(SQLModelMetaclass):
    """Maps a class that is derived from a row to the same table: it may add behaviour only."""

    def __new__(
        cls, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        row = _table_of(bases)
        if row is None:
            return super().__new__(cls, name, bases, namespace, **options)
        if options.get("table") or "__tablename__" in namespace:
            raise TypeError(
                f"{name} cannot have a table of its own, because {row.__name__} has one. Derive it "
                f"without table=True to add methods. To store more, {_INSTEAD}"
            )
        config = {**namespace.get("model_config", {}), "table": False}  # makes no columns
        made = super().__new__(cls, name, bases, {**namespace, "model_config": config}, **options)
        made.model_config["table"] = True
        if own := get_annotations(namespace).keys() & made.model_fields.keys():
            raise TypeError(
                f"{name} cannot have fields of its own ({', '.join(sorted(own))}), because it "
                f"shares the table of {row.__name__}. To store more, {_INSTEAD} "
                f"To send more, derive from {row.__name__}Read."
            )
        made.__pydantic_fields__ = dict(row.model_fields)  # whose defaults are not the attributes
        made.model_rebuild(force=True)
        return made

    def __init__(
        cls, name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any
    ) -> None:
        super().__init__(name, bases, namespace, **options)
        row = _table_of(bases)
        if row is not None:
            mapped.configure()  # a class that is derived first would find attributes half made
            derived: Any = cls
            own_names = registry(metadata=metadata)  # its name is not one of ours
            own_names.map_imperatively(derived, inherits=row.__mapper__)


def _table_of(bases: tuple[type[Any], ...]) -> Any:
    return next((base for base in bases if is_table_model_class(base)), None)


_INSTEAD = "use `extra`, or a table of your own that refers to it (docs/recipes.md)."
