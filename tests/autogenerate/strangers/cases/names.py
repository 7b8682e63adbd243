"""Names and texts that need quoting or hold per cent signs."""

from tests.autogenerate.strangers.case import Case

NAMES_QUOTED_1 = r"""
declare(
    metadata,
    Schema("raw"),
    Role("app reader"),
    RowSecurity("User", schema="raw"),
    Policy(
        'own "rows"', "User", schema="raw", to=("app reader",), using='"order" = current_user'
    ),
    Grant(("select",), "User", schema="raw", to=("app reader",)),
    Grant(("usage",), "raw", kind="schema", to=("app reader",)),
    Grant(
        ("update",), "User", schema="raw", columns=("group", "Full Name"), to=("app reader",)
    ),
)
class U(Base):
    __tablename__ = "User"
    __table_args__ = {"schema": "raw", "comment": 'it\'s a "user" 100% \\ ; -- $$ über'}
    id: Mapped[int] = mapped_column("Id", primary_key=True)
    order = mapped_column("order", Text, comment="o'clock")
    group = mapped_column("group", Text)
    fn = mapped_column("Full Name", Text, index=True)
    pct = mapped_column("50%", Integer)
    select = mapped_column("sélect", Integer)
"""

NAMES_QUOTED_2 = r"""
declare(
    metadata,
    Schema("raw"),
    Role("app reader"),
    RowSecurity("User", schema="raw"),
    Policy(
        'own "rows"',
        "User",
        schema="raw",
        to=("app reader", "public"),
        using='"order" = current_user and "50%" % 2 = 0',
    ),
    Grant(("select", "insert"), "User", schema="raw", to=("app reader",)),
    Grant(("usage",), "raw", kind="schema", to=("app reader",)),
    Grant(("update",), "User", schema="raw", columns=("group",), to=("app reader",)),
)
class U(Base):
    __tablename__ = "User"
    __table_args__ = {"schema": "raw", "comment": 'it\'s a "user" 100% :colon {brace}'}
    id: Mapped[int] = mapped_column("Id", primary_key=True)
    order = mapped_column("order", Text, comment="o'clock :x %s")
    group = mapped_column("group", String(9))
    fn = mapped_column("Full Name", Text, index=True)
    pct = mapped_column("50%", BigInteger)
    select = mapped_column("sélect", Integer)
"""

PERCENT_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(
        Integer,
        CheckConstraint("n % 2 = 0", name="even"),
        server_default=text("10 % 4"),
        comment="50% of it",
    )
    s = mapped_column(Text, server_default="100%")
    like = mapped_column(Text)
    g = mapped_column(Integer, Computed("n % 3", persisted=True))
    __table_args__ = (
        Index("t_mod", text("(id % 10)")),
        Index("t_like", "id", postgresql_where=text("like_ like 'a%:b'"))
        if 0
        else Index("t_like", "id", postgresql_where=like.like("a%")),
        {"comment": "100% sure: %s %(x)s"},
    )
"""

PERCENT_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(
        Integer,
        CheckConstraint("n % 4 = 0", name="even"),
        server_default=text("10 % 5"),
        comment="51% of it",
    )
    s = mapped_column(Text, server_default="99%")
    like = mapped_column(Text)
    g = mapped_column(Integer, Computed("n % 5", persisted=True))
    __table_args__ = (
        Index("t_mod", text("(id % 100)")),
        Index("t_like", "id", postgresql_where=like.like("b%")),
        {"comment": "99% sure: %s %(x)s"},
    )
"""

PERCENT_TEXT_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    s = mapped_column(Text, server_default="100%", comment="in % of total")
    __table_args__ = (CheckConstraint("s not like 'x%y'", name="ck"),)
"""

CASES = (
    # reserved words, mixed case, blanks, quotes in comments, percent, unicode
    Case(
        "names_quoted",
        (
            NAMES_QUOTED_1,
            NAMES_QUOTED_2,
        ),
    ),
    # % in check, default, comment, index, generated, partial index; colon
    Case(
        "percent",
        (
            PERCENT_1,
            PERCENT_2,
        ),
    ),
    # % only in places that do not crash: comment and text default
    Case(
        "percent_text",
        (PERCENT_TEXT_1,),
        answers={
            "insert into t default values returning s": "100%",
            "select col_description('t'::regclass,2)": "in % of total",
            "select pg_get_constraintdef(oid) from pg_constraint where conname='ck'": "",
        },
        quick=True,
    ),
)
