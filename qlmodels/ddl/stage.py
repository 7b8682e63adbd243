"""When an object is made: before the tables, which need it, or after them, which it needs."""

from enum import IntEnum, auto


class Stage(IntEnum):
    """The order in which declared objects are made, tables among them."""

    ROLES = auto()
    MEMBERSHIPS = auto()
    SCHEMAS = auto()
    EXTENSIONS = auto()
    SCHEMA_PRIVILEGES = auto()
    ENUMS = auto()
    TYPES = auto()
    SEQUENCES = auto()
    CALLED_FUNCTIONS = auto()
    TABLES = auto()
    PARTITIONS = auto()
    STATISTICS = auto()
    FUNCTIONS = auto()
    VIEWS = auto()
    TRIGGERS = auto()
    RULES = auto()
    ROW_SECURITY = auto()
    POLICIES = auto()
    REVOKED = auto()
    GRANTED = auto()
    DEFAULT_PRIVILEGES = auto()
    PUBLICATIONS = auto()
