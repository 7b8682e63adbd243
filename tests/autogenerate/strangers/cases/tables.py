"""Partitioned tables and classes mapped on views."""

from tests.autogenerate.strangers.case import Case

PARTITIONED_1 = """\
class E(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at = mapped_column(DateTime(timezone=True), primary_key=True)
    k = mapped_column(Text)
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

PARTITIONED_2 = """\
class E(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at = mapped_column(DateTime(timezone=True), primary_key=True)
    k = mapped_column(Text)
    extra = mapped_column(Integer)
    __table_args__ = {"postgresql_partition_by": "RANGE (at)"}
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

VIEW_MAPPED_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    e = mapped_column(Text)
declare(
    metadata, View("a_view", "create view public.a_view as select id, upper(e) as up from a")
)
class AView(Base):
    __tablename__ = "a_view"
    __table_args__ = {"info": {"is_view": True}}
    id: Mapped[int] = mapped_column(primary_key=True)
    up = mapped_column(Text)
"""

CASES = (
    # partitioned table from SQLAlchemy's postgresql_partition_by
    Case(
        "partitioned",
        (
            PARTITIONED_1,
            PARTITIONED_2,
        ),
    ),
    # a class mapped on a declared view, to read it by ORM
    Case(
        "view_mapped",
        (VIEW_MAPPED_1,),
    ),
)
