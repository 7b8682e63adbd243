"""The MetaData and the class registry of our rows, beside those of a project that imports us."""

from sqlalchemy.orm import registry

mapped = registry()
metadata = mapped.metadata
