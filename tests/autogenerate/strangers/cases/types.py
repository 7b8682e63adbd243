"""Enums, composite types and rows that do not fit a new type."""

from tests.autogenerate.strangers.case import Case

COMPOSITE_USED_1 = """\
class Composite:
    def create(self):
        yield "create type public.money_amount as (value numeric, currency char(3))"
declare(metadata, Composite())
class Amt(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **k):
        return "money_amount"
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Amt)
"""

CUSTOM_OBJECT_1 = """\
class Composite:
    def create(self):
        yield "create type public.money_amount as (value numeric, currency char(3))"
declare(metadata, Composite())
class Amt(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **k):
        return "money_amount"
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

ENUM_DECORATOR_1 = """\
class E2(sa.types.TypeDecorator):
    impl = Enum
    cache_ok = True
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(E2("x", "y", name="st2"), nullable=False)
"""

ENUM_DECORATOR_2 = """\
class E2(sa.types.TypeDecorator):
    impl = Enum
    cache_ok = True
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(E2("x", "y", "z", name="st2"), nullable=False)
"""

ENUM_DEFAULT_NEW_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(Enum("new", "paid", name="st"), nullable=False, server_default="new")
"""

ENUM_DEFAULT_NEW_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(
        Enum("new", "held", "paid", name="st"), nullable=False, server_default="held"
    )
"""

ENUM_REMOVE_USED_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(Enum("x", "y", "z", name="st"), nullable=False)
"""

ENUM_REMOVE_USED_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(Enum("x", "y", name="st"), nullable=False)
"""

ENUM_TYPE_RENAME_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(Enum("new", "paid", name="status"), nullable=False, server_default="new")
"""

ENUM_TYPE_RENAME_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    st = mapped_column(
        Enum("new", "paid", name="orderstatus"), nullable=False, server_default="new"
    )
"""

TYPES_BADROWS_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Text)
"""

TYPES_BADROWS_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Integer)
"""

CASES = (
    # a composite type used by a column
    Case(
        "composite_used",
        (COMPOSITE_USED_1,),
    ),
    # an object of a class of the project's own
    Case(
        "custom_object",
        (CUSTOM_OBJECT_1,),
        answers={
            "select count(*) from pg_type where typname='money_amount'": "1",
        },
    ),
    # TypeDecorator over Enum
    Case(
        "enum_decorator",
        (
            ENUM_DECORATOR_1,
            ENUM_DECORATOR_2,
        ),
    ),
    # new enum value used at once as default
    Case(
        "enum_default_new",
        (
            ENUM_DEFAULT_NEW_1,
            ENUM_DEFAULT_NEW_2,
        ),
    ),
    # a value is removed that rows hold
    Case(
        "enum_remove_used",
        (
            ENUM_REMOVE_USED_1,
            ENUM_REMOVE_USED_2,
        ),
        meanwhile={
            1: "insert into a values (default,'z')",
        },
        refused={
            "2 upgrade": 'Rows do not fit what the revision asks for: invalid input value for enum st: "z"'
        },
    ),
    # the Enum's name changes (class renamed): SQLModel names the type after the class
    Case(
        "enum_type_rename",
        (
            ENUM_TYPE_RENAME_1,
            ENUM_TYPE_RENAME_2,
        ),
        meanwhile={
            1: "insert into a(st) values ('paid')",
        },
        answers={
            "select typname from pg_type where typtype='e'": "",
        },
        quick=True,
    ),
    # text->int where rows do not fit
    Case(
        "types_badrows",
        (
            TYPES_BADROWS_1,
            TYPES_BADROWS_2,
        ),
        meanwhile={
            1: "insert into t(a) values ('abc')",
        },
        refused={
            "2 upgrade": 'Rows do not fit what the revision asks for: invalid input syntax for type integer: "abc"'
        },
    ),
)
