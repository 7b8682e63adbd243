"""Kinds of objects that a MetaData does not know: declared, changed, dropped."""

from tests.autogenerate.strangers.case import Case

AMOUNT = """\
class Amount(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **_): return "money_amount"
class Span(sa.types.UserDefinedType):
    cache_ok = True
    def get_col_spec(self, **_): return "span"
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Amount)
    s = mapped_column(Span)
"""

TYPES_1 = f"""\
declare(
    metadata,
    CompositeType("money_amount", ("value numeric", "currency char(3)"), comment="100% of it"),
    RangeType("span", "double precision", ("subtype_diff = float8mi",), multirange="spans"),
    RangeType("unused", "integer"),
)
{AMOUNT}
"""

TYPES_2 = f"""\
declare(
    metadata,
    CompositeType("money_amount", ("value numeric", "currency text", "at date")),
    RangeType("span", "double precision", ("subtype_diff = float8mi",), multirange="spans"),
    RangeType("unused", "bigint", comment="other"),
)
{AMOUNT}
"""

TYPES_3 = TYPES_2.replace('"currency text"', '"currency varchar(9)"')

EVENTS = """\
class E(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at = mapped_column(DateTime(timezone=True), primary_key=True)
    kind = mapped_column(Text, nullable=False{more})
    __table_args__ = {{"postgresql_partition_by": "RANGE (at)"{args}}}
class N(Base):
    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    e_id = mapped_column(BigInteger)
    e_at = mapped_column(DateTime(timezone=True))
    __table_args__ = (ForeignKeyConstraint(["e_id", "e_at"], ["events.id", "events.at"]),)
"""

PARTS_1 = (
    EVENTS.format(more="", args="")
    + """\
declare(
    metadata,
    Role("reads"),
    Partition("events_1", "events", "for values from ('2026-01-01') to ('2026-02-01')"),
    Partition("events_rest", "events", "default", partition_by="hash (id)"),
    Partition("events_rest_0", "events_rest", "for values with (modulus 2, remainder 0)"),
    Partition("events_rest_1", "events_rest", "for values with (modulus 2, remainder 1)"),
    RowSecurity("events"),
    Policy("own", "events", ("reads",), using="kind = current_user"),
    Grant(("select",), "events", ("reads",)),
    Function("noted", "create function noted() returns trigger language plpgsql as 'begin return null; end'"),
    Trigger("noted", "events", "after", "insert", "noted"),
)
"""
)

PARTS_2 = (
    EVENTS.format(more=', index=True, server_default="x"', args="")
    + """\
E.extra = mapped_column(Integer, CheckConstraint("extra > 0", name="positive"))
declare(
    metadata,
    Role("reads"),
    Partition("events_1", "events", "for values from ('2026-01-01') to ('2026-03-01')"),
    Partition("events_2", "events", "for values from ('2026-03-01') to ('2026-04-01')", storage=("fillfactor = 90",)),
    Partition("events_rest", "events", "default", partition_by="hash (id)"),
    Partition("events_rest_0", "events_rest", "for values with (modulus 2, remainder 0)"),
    Partition("events_rest_1", "events_rest", "for values with (modulus 2, remainder 1)"),
    RowSecurity("events_1"),
    Grant(("select",), "events", ("reads",)),
    Function("noted", "create function noted() returns trigger language plpgsql as 'begin return null; end'"),
)
"""
)

PARTS_3 = PARTS_2.replace('Partition("events_2"', '*[] and Partition("events_2"')

SMALL = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Text)
    b = mapped_column(Text)
"""

HOOKS_1 = f"""\
{SMALL}
declare(
    metadata,
    Function("kept", "create function kept() returns trigger language plpgsql as 'begin return null; end'"),
    Trigger("kept", "t", "after", "insert or update", "kept", constraint=True, deferrable="initially deferred"),
    Trigger("many", "t", "after", "update", "kept", for_each="statement", transitions="old table as was new table as now"),
    Rule("quiet", "t", "delete", "instead nothing", where="old.id = 0"),
    Statistics("both", "t", ("a", "b")),
    View("v", "create view v as select id, a from t"),
    Rule("written", "v", "insert", "instead insert into t (a) values (new.a)"),
)
"""

HOOKS_2 = f"""\
{SMALL.replace("b = mapped_column(Text)", "b = mapped_column(String(9))")}
declare(
    metadata,
    Function("kept", "create function kept() returns trigger language plpgsql as 'begin return null; end'"),
    Trigger("kept", "t", "after", "insert", "kept", constraint=True, deferrable="initially immediate", when="new.id > 0"),
    Rule("quiet", "t", "delete", "also notify gone"),
    Statistics("both", "t", ("a", "b", "lower(a)"), ("mcv", "ndistinct")),
    View("v", "create view v as select id, a, b from t"),
)
"""

HOOKS_3 = f"""\
{SMALL}
declare(
    metadata,
    Function("kept", "create function kept() returns trigger language plpgsql as 'begin return null; end'"),
    View("v", "create view v as select id, a from t"),
)
"""

CHILDREN_1 = """\
class P(Base):
    __tablename__ = "parents"
    id: Mapped[int] = mapped_column(primary_key=True)
    a = mapped_column(Text)
Table("children", metadata, Column("x", Integer), postgresql_inherits="parents")
"""

CHILDREN_2 = """\
class P(Base):
    __tablename__ = "parents"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    a = mapped_column(String(20), nullable=False, server_default="")
    b = mapped_column(Integer)
Table("children", metadata, Column("x", Text), postgresql_inherits="parents")
"""

CASES = (
    # a composite type that grows and a range that is made again, with values of them
    Case(
        "kinds_types",
        (TYPES_1, TYPES_2.replace("currency text", "currency char(3)"), TYPES_3),
        meanwhile={1: "insert into t (a, s) values (row(1, 'EUR'), '[1,2)')"},
        quick=True,
    ),
    # partitions with partitions: a column, an index and a partition more, other bounds
    Case(
        "kinds_partitions",
        (PARTS_1, PARTS_2, PARTS_3),
        meanwhile={
            1: "insert into events (at, kind) values ('2026-01-05', 'a'), ('2027-01-05', 'b')",
        },
        revision_x={3: ["undeclared=drop"]},
        quick=True,
    ),
    # constraint triggers, transition tables, rules and extended statistics
    Case("kinds_hooks", (HOOKS_1, HOOKS_2, HOOKS_3), quick=True),
    # tables that inherit from another
    Case(
        "kinds_children",
        (CHILDREN_1, CHILDREN_2),
        meanwhile={1: "insert into children (id, a, x) values (1, 'a', 1)"},
    ),
)
