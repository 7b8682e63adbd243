"""Columns in the middle of a class or appended behind the models' back."""

from tests.autogenerate.strangers.case import Case

ADOPT_ORDER_1 = """\
class U(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email = mapped_column(String(255), nullable=False)
    name = mapped_column(Text)
    created_at = mapped_column(DateTime(timezone=True), server_default=func.now())
class B(Base):
    __tablename__ = "big"
    id: Mapped[int] = mapped_column(primary_key=True)
    payload = mapped_column(JSONB)
    updated_at = mapped_column(DateTime(timezone=True))
"""

COL_ORDER_1 = """\
declare(
    metadata,
    Role("r"),
    RowSecurity("t"),
    Policy("own", "t", to=("r",), using="n = current_user"),
    View("v", "create view public.v as select id, n from t"),
    Grant(("select",), "t", to=("r",)),
)
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
    created_at = mapped_column(DateTime(timezone=True), server_default=func.now())
class W(Base):
    __tablename__ = "w"
    id: Mapped[int] = mapped_column(primary_key=True)
    t_id = mapped_column(ForeignKey("t.id"))
"""

COL_ORDER_2 = """\
declare(
    metadata,
    Role("r"),
    RowSecurity("t"),
    Policy("own", "t", to=("r",), using="n = current_user"),
    View("v", "create view public.v as select id, n from t"),
    Grant(("select",), "t", to=("r",)),
)
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
    added = mapped_column(Integer)
    created_at = mapped_column(DateTime(timezone=True), server_default=func.now())
class W(Base):
    __tablename__ = "w"
    id: Mapped[int] = mapped_column(primary_key=True)
    t_id = mapped_column(ForeignKey("t.id"))
"""

SAME_NAME_REBUILD_1 = """\
declare(metadata, Schema("s1"), Schema("s2"))
for s in ("s1", "s2"):
    Table("t", metadata, Column("id", Integer, primary_key=True), Column("z", Text), schema=s)
"""

SAME_NAME_REBUILD_2 = """\
declare(metadata, Schema("s1"), Schema("s2"))
for s in ("s1", "s2"):
    Table(
        "t",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("mid", Integer),
        Column("z", Text),
        schema=s,
    )
"""

CASES = (
    # grown by plain Alembic: columns were appended that a mixin has elsewhere
    Case(
        "adopt_order",
        (ADOPT_ORDER_1,),
        by_owner=(
            """\
create table users (id serial primary key, email varchar(255) not null, created_at timestamptz default now());
alter table users add column name text;
create table big (id serial primary key, updated_at timestamptz);
alter table big add column payload jsonb
""",
        ),
        never=("qlmodels_aside",),
    ),
    # a column in the middle of a table with foreign keys, a view, a policy and grants
    Case(
        "col_order",
        (
            COL_ORDER_1,
            COL_ORDER_2,
        ),
        meanwhile={
            1: "insert into t(n) values ('x'); insert into w(t_id) values (1)",
        },
        answers={
            "select row_to_json(t) from t": "",
        },
        never=("qlmodels_aside",),
    ),
    # a column in the middle of same-named tables of two schemas (tenant per schema)
    Case(
        "same_name_rebuild",
        (
            SAME_NAME_REBUILD_1,
            SAME_NAME_REBUILD_2,
        ),
        meanwhile={
            1: "insert into s1.t(z) values ('a')",
        },
    ),
)
