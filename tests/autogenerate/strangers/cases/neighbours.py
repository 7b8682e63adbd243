"""Objects of other logins and applications in the same database."""

from tests.autogenerate.strangers.case import Case

ADOPT_OTHER_TABLES_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
"""

ADOPT_OTHER_TABLES_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n = mapped_column(Text, index=True)
"""

LIVE_VIEW_DROPCOL_1 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(10))
    k = mapped_column(Integer)
"""

LIVE_VIEW_DROPCOL_2 = """\
class T(Base):
    __tablename__ = "t"
    id: Mapped[int] = mapped_column(primary_key=True)
    k = mapped_column(Integer)
"""

STRANGER_BI_1 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

STRANGER_BI_2 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    k = mapped_column(Integer)
"""

STRANGER_FN_1 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

STRANGER_FN_2 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    k = mapped_column(Integer)
"""

STRANGER_TABLE_1 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

STRANGER_TABLE_2 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    k = mapped_column(Integer)
"""

STRANGER_VIEW_1 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

STRANGER_VIEW_2 = """\
class U(Base):
    __tablename__ = "u"
    id: Mapped[int] = mapped_column(primary_key=True)
    k = mapped_column(Integer)
"""

CASES = (
    # tables, a foreign key, a trigger and a policy of other applications
    Case(
        "adopt_other_tables",
        (
            ADOPT_OTHER_TABLES_1,
            ADOPT_OTHER_TABLES_2,
        ),
        by_owner=(
            """\
create table celery_taskmeta (id serial primary key, x text);
create function theirs() returns trigger language plpgsql as $$ begin return new; end $$
""",
        ),
        meanwhile={
            1: """\
create table their_child (id serial primary key, t_id int references t(id));
create trigger tr before insert on t for each row execute function theirs();
create index dba_idx on t (n text_pattern_ops);
create policy dba on t using (true);
grant select on t to public
""",
        },
        refused={"1 downgrade": "constraint their_child_t_id_fkey on table their_child depends"},
    ),
    # an analyst's undeclared view uses a column that the models drop
    Case(
        "live_view_dropcol",
        (
            LIVE_VIEW_DROPCOL_1,
            LIVE_VIEW_DROPCOL_2,
        ),
        meanwhile={
            1: """\
set role app;
create view bi_report as select id, n from t;
insert into t(n) values ('x')
""",
        },
        upgrade_x={2: ("lose=yes",)},
        refused={"2 revision": "view bi_report uses column t.n, which this revision would drop"},
    ),
    # a plain login bi (no superuser) owns one view in public
    Case(
        "stranger_bi",
        (
            STRANGER_BI_1,
            STRANGER_BI_2,
        ),
        by_superuser=("grant create on schema public to bi",),
        meanwhile={
            1: "set role bi; create view report as select 1 as x",
        },
        offline=False,
    ),
    # one fn of another login in public; a revision that does not touch it
    Case(
        "stranger_fn",
        (
            STRANGER_FN_1,
            STRANGER_FN_2,
        ),
        meanwhile={
            1: "create function theirs() returns int language sql as 'select 1'",
        },
        offline=False,
    ),
    # one table of another login in public; a revision that does not touch it
    Case(
        "stranger_table",
        (
            STRANGER_TABLE_1,
            STRANGER_TABLE_2,
        ),
        meanwhile={
            1: "create table celery_taskmeta (id int)",
        },
        offline=False,
    ),
    # one view of another login in public; a revision that does not touch it
    Case(
        "stranger_view",
        (
            STRANGER_VIEW_1,
            STRANGER_VIEW_2,
        ),
        meanwhile={
            1: "create view bi_report as select 1 as x",
        },
        offline=False,
        quick=True,
    ),
)
