"""Functions whose signature changes, triggers, and policies that call functions."""

from tests.autogenerate.strangers.case import Case

FN_KINDS_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
declare(
    metadata,
    Function(
        "all_a",
        "create function public.all_a(lim int default 10) returns setof a language sql stable as $$ select * from public.a limit lim $$",
    ),
    Function(
        "tab",
        "create function public.tab() returns table (id int, n text) language plpgsql as $$ begin return query select a.id, a.n from public.a; end $$",
    ),
    Function(
        "atomic",
        "create function public.atomic(x int) returns bigint language sql begin atomic select count(n) from public.a where id < x; end",
    ),
    Function(
        "proc",
        "create procedure public.proc(inout i int) language plpgsql as $$ begin i := i + 1; commit; end $$",
        execute=None,
    ),
)
"""

FN_KINDS_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
    extra = mapped_column(Integer)
declare(
    metadata,
    Function(
        "all_a",
        "create function public.all_a(lim int default 20, off int default 0) returns setof a language sql stable as $$ select * from public.a limit lim $$",
    ),
    Function(
        "tab",
        "create function public.tab() returns table (id int, n text, extra int) language plpgsql as $$ begin return query select * from public.a; end $$",
    ),
    Function(
        "atomic",
        "create function public.atomic(x int) returns bigint language sql begin atomic select count(extra) from public.a where id < x; end",
    ),
    Function(
        "proc",
        "create procedure public.proc(inout i int) language plpgsql as $$ begin i := i + 2; commit; end $$",
        execute=None,
    ),
)
"""

FN_KINDS_3 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(9))
declare(
    metadata,
    Function(
        "all_a",
        "create function public.all_a(lim int default 10) returns setof a language sql stable as $$ select * from public.a limit lim $$",
    ),
    Function(
        "atomic",
        "create function public.atomic(x int) returns bigint language sql begin atomic select count(n) from public.a where id < x; end",
    ),
)
"""

FN_SIG_AMBIGUOUS_1 = """\
declare(
    metadata,
    Function(
        "total",
        "create function public.total(k int default 1) returns int language sql as $$ select k $$",
        execute=None,
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

FN_SIG_AMBIGUOUS_2 = """\
declare(
    metadata,
    Function(
        "total",
        "create function public.total(k int default 1, m int default 2) returns int language sql as $$ select k * m $$",
        execute=None,
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

GENERATED_FUNCTION_1 = '''\
declare(
    metadata,
    Function(
        "slugify",
        """create function public.slugify(t text) returns text language sql immutable as $$ select lower(regexp_replace(t, '[^a-z0-9]+', '-', 'gi')) $$""",
        execute=None,
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    title = mapped_column(Text, nullable=False)
    slug = mapped_column(Text, Computed("slugify(title)", persisted=True))
    __table_args__ = (
        Index("a_slug", text("slugify(title) text_pattern_ops"), unique=True),
        CheckConstraint("slugify(title) <> ''", name="has_slug"),
    )
'''

GENERATED_FUNCTION_2 = '''\
declare(
    metadata,
    Function(
        "slugify",
        """create function public.slugify(t text, sep text default '-') returns text language sql immutable as $$ select lower(regexp_replace(t, '[^a-z0-9]+', sep, 'gi')) $$""",
        execute=None,
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    title = mapped_column(Text, nullable=False)
    slug = mapped_column(Text, Computed("slugify(title)", persisted=True))
    __table_args__ = (
        Index("a_slug", text("slugify(title) text_pattern_ops"), unique=True),
        CheckConstraint("slugify(title) <> ''", name="has_slug"),
    )
'''

RLS_1 = """\
declare(
    metadata,
    Role("tenant_user"),
    Role("auditor"),
    Schema("tenant"),
    RowSecurity("installs"),
    RowSecurity("clusters", schema="tenant", force=False),
    Function(
        "allowed",
        "create function public.allowed(_id int, _role text) returns boolean language plpgsql stable as $$ begin return true; end $$",
        execute=("tenant_user",),
    ),
    Policy(
        "p_fn", "installs", to=("tenant_user",), command="select", using="allowed(id, role)"
    ),
    Policy(
        "p_other",
        "installs",
        to=("tenant_user", "auditor"),
        using="exists (select 1 from tenant.clusters c where c.id = cluster_id and c.org = current_setting('app.org')::uuid)",
    ),
    Policy(
        "p_circ",
        "clusters",
        schema="tenant",
        to=("public",),
        using="exists (select 1 from installs i where i.cluster_id = clusters.id)",
    ),
)
class I(Base):
    __tablename__ = "installs"
    id: Mapped[int] = mapped_column(primary_key=True)
    role = mapped_column(Text)
    cluster_id = mapped_column(ForeignKey("tenant.clusters.id"))
class C(Base):
    __tablename__ = "clusters"
    __table_args__ = {"schema": "tenant"}
    id: Mapped[int] = mapped_column(primary_key=True)
    org = mapped_column(pg.UUID)
"""

RLS_2 = """\
declare(
    metadata,
    Role("tenant_user"),
    Role("auditor"),
    Schema("tenant"),
    RowSecurity("installs", force=False),
    RowSecurity("clusters", schema="tenant"),
    Function(
        "allowed",
        "create function public.allowed(_id bigint, _role text, _extra text default 'd') returns boolean language plpgsql stable as $$ begin return true; end $$",
        execute=("tenant_user", "auditor"),
    ),
    Policy(
        "p_fn", "installs", to=("tenant_user",), command="select", using="allowed(id, role)"
    ),
    Policy(
        "p_other",
        "installs",
        to=("auditor",),
        permissive=False,
        using="exists (select 1 from tenant.clusters c where c.id = cluster_id and c.org = current_setting('app.org', true))",
        with_check="role <> 'x'",
    ),
    Policy(
        "p_circ",
        "clusters",
        schema="tenant",
        to=("public",),
        command="update",
        using="exists (select 1 from installs i where i.cluster_id = clusters.id)",
    ),
)
class I(Base):
    __tablename__ = "installs"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    role = mapped_column(String(20))
    cluster_id = mapped_column(ForeignKey("tenant.clusters.id"))
class C(Base):
    __tablename__ = "clusters"
    __table_args__ = {"schema": "tenant"}
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    org = mapped_column(Text)
"""

RLS_FN_OLD_STAYS_1 = """\
declare(
    metadata,
    Role("webuser"),
    Function(
        "secret",
        "create function public.secret() returns text language sql security definer as $$ select 'all rows' $$",
        execute=("webuser",),
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

RLS_FN_OLD_STAYS_2 = """\
declare(
    metadata,
    Role("webuser"),
    Function(
        "secret",
        "create function public.secret(tenant int) returns text language sql security definer as $$ select 'some rows' $$",
        execute=("webuser",),
    ),
)
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
"""

TRIGGERS_1 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(Text)
    upd = mapped_column(DateTime(timezone=True))
declare(
    metadata,
    Trigger(
        "z_touch", "a", "before", "update", "public.touch", when="old.n is distinct from new.n"
    ),
    Function(
        "touch",
        "create function public.touch() returns trigger language plpgsql as $$ begin new.upd := now(); return new; end $$",
    ),
    Trigger(
        "a_audit",
        "a",
        "after",
        "insert or update of n or delete",
        "public.audit",
        arguments=("it's", "x"),
    ),
    Function(
        "audit",
        "create function public.audit() returns trigger language plpgsql security definer set search_path = '' as $$ begin return null; end $$",
    ),
)
"""

TRIGGERS_2 = """\
class A(Base):
    __tablename__ = "a"
    id: Mapped[int] = mapped_column(primary_key=True)
    n = mapped_column(String(40))
    upd = mapped_column(DateTime(timezone=True))
declare(
    metadata,
    Trigger(
        "z_touch",
        "a",
        "before",
        "update",
        "public.touch2",
        when="old.n is distinct from new.n and new.id > 0",
    ),
    Function(
        "touch2",
        "create function public.touch2() returns trigger language plpgsql as $$ begin new.upd := now(); return new; end $$",
    ),
    Trigger("a_audit", "a", "after", "insert", "public.audit", for_each="statement"),
    Function(
        "audit",
        "create function public.audit() returns trigger language plpgsql security definer set search_path = '' as $$ begin raise notice '100%%'; return null; end $$",
    ),
)
"""

CASES = (
    # SETOF a table, RETURNS TABLE, defaults, BEGIN ATOMIC, a procedure
    Case(
        "fn_kinds",
        (
            FN_KINDS_1,
            FN_KINDS_2,
            FN_KINDS_3,
        ),
        upgrade_x={3: ("lose=yes",)},
    ),
    # one more argument with a default must not make calls ambiguous
    Case(
        "fn_sig_ambiguous",
        (
            FN_SIG_AMBIGUOUS_1,
            FN_SIG_AMBIGUOUS_2,
        ),
        answers={
            "select total(3)": "6",
            "select count(*) from pg_proc where proname=$$total$$": "1",
        },
        quick=True,
    ),
    # index / generated column on an own immutable function; function changes signature
    Case(
        "generated_function",
        (
            GENERATED_FUNCTION_1,
            GENERATED_FUNCTION_2,
        ),
        meanwhile={
            1: "insert into a(title) values ('Hello World')",
        },
    ),
    # policies on functions, other tables and columns that change
    Case(
        "rls",
        (
            RLS_1,
            RLS_2,
        ),
        meanwhile={
            1: """\
insert into tenant.clusters values (1,gen_random_uuid());
insert into installs values (1,'r',1)
""",
        },
    ),
    # a replaced SECURITY DEFINER function must not stay callable
    Case(
        "rls_fn_old_stays",
        (
            RLS_FN_OLD_STAYS_1,
            RLS_FN_OLD_STAYS_2,
        ),
        answers={
            "select count(*) from pg_proc where proname='secret'": "1",
        },
    ),
    Case(
        "triggers",
        (
            TRIGGERS_1,
            TRIGGERS_2,
        ),
        meanwhile={
            1: "insert into a(n) values ('x')",
        },
    ),
)
