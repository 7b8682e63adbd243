"""A second schema, for what the fleet's tables have no use for: somebody else's project.

Everything lies in schema `workshop` and is declared as any user of the library would do it.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    Enum,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import DOMAIN, JSONB, TSTZRANGE, ExcludeConstraint

from qlmodels.ddl import (
    DefaultPrivileges,
    Extension,
    Function,
    Grant,
    Membership,
    Policy,
    Publication,
    Role,
    RowSecurity,
    Schema,
    Trigger,
    View,
    declare,
)

SCHEMA = "workshop"
READER, WRITER, KEEPER, VISITOR = (
    f"workshop_{name}" for name in ("reader", "writer", "keeper", "visitor")
)

metadata = MetaData(schema=SCHEMA)

labels = Sequence("labels", start=100, increment=5, cache=10, metadata=metadata)
tool_kind = Enum("hammer", "saw", "drill", name="tool_kind", metadata=metadata)
price = DOMAIN(
    "price",
    Numeric(10, 2),
    default=text("0"),
    check=text("value >= 0"),
    constraint_name="price_not_negative",
    metadata=metadata,
)

makers = Table(
    "makers",
    metadata,
    Column("maker_id", BigInteger, Identity(always=False, start=10, increment=2), nullable=False),
    Column("name", Text, nullable=False),
    Column("country", Text),
    Column("founded", Date, server_default=text("current_date")),
    PrimaryKeyConstraint("maker_id", name="makers_pk"),
    UniqueConstraint("name", "country", name="makers_name", postgresql_nulls_not_distinct=True),
    comment="Who makes tools",
)

tools = Table(
    "tools",
    metadata,
    Column("tool_id", Uuid, server_default=text("gen_random_uuid()"), nullable=False),
    Column("label", Text, server_default=text("workshop.next_label()"), nullable=False),
    Column("maker_id", BigInteger),
    Column("kind", tool_kind, nullable=False, server_default="hammer"),
    Column("price", price),
    Column("weight", Numeric(8, 3), comment="In kilograms"),
    Column("pieces", Integer, nullable=False, server_default=text("1")),
    Column("total", Numeric, Computed("weight * pieces", persisted=True)),
    Column("attributes", JSONB, server_default=text("""'{"unit": "mm", "sizes": []}'""")),
    Column("serial", Text),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("tool_id", name="tools_pk"),
    ForeignKeyConstraint(
        ["maker_id"],
        ["workshop.makers.maker_id"],
        name="tools_maker",
        ondelete="CASCADE",
        onupdate="CASCADE",
        deferrable=True,
        initially="DEFERRED",
    ),
    UniqueConstraint("label", name="tools_label", deferrable=True),
    CheckConstraint("pieces between 1 and 100", name="tools_pieces"),
    Index("tools_by_name", text("lower(name)"), postgresql_where=text("serial is not null")),
    Index(
        "tools_by_weight",
        text("weight desc nulls last"),
        "kind",
        unique=True,
        postgresql_include=["price"],
        postgresql_with={"fillfactor": 70},
    ),
    Index("tools_attributes", "attributes", postgresql_using="gin"),
    Index("tools_serial", "serial", postgresql_ops={"serial": "text_pattern_ops"}),
)

loans = Table(
    "loans",
    metadata,
    Column("tool_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("borrower", Text, nullable=False, server_default=text("current_user")),
    Column("note", Text),
    ExcludeConstraint(
        ("tool_id", "="),
        ("during", "&&"),
        name="loans_once",
        using="gist",
        ops={"tool_id": "extensions.gist_uuid_ops"},
    ),
    ForeignKeyConstraint(
        ["tool_id"], ["workshop.tools.tool_id"], name="loans_tool", ondelete="RESTRICT"
    ),
)

drafts = Table(
    "drafts", metadata, Column("line", Integer), Column("body", Text), prefixes=["UNLOGGED"]
)

NEXT_LABEL = """
create function workshop.next_label() returns text
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select 'T-' || nextval('workshop.labels') $$
"""

DISCOUNTED = """
create function workshop.discounted(amount numeric, rate numeric default 0.1)
returns numeric
language sql immutable strict parallel safe cost 10
set search_path = pg_catalog, pg_temp
return round(amount * (1 - rate), 2)
"""

LOANS_OF = """
create function workshop.loans_of(who text, out tool text, out since timestamptz)
returns setof record
language plpgsql stable security definer rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select tools.name, lower(loans.during)
      from workshop.loans join workshop.tools using (tool_id)
     where loans.borrower = who;
end $$
"""

CHECK_TOOL = """
create function workshop.check_tool() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.weight > 1000 then
        raise check_violation using message = 'nobody lifts that';
    end if;
    return new;
end $$
"""

NOTE_LOAN = """
create function workshop.note_loan() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$ begin return null; end $$
"""

CHEAP_TOOLS = """
create view workshop.cheap_tools with (security_barrier = true, security_invoker = true) as
select tool_id, name, workshop.discounted(price) as price
  from workshop.tools
 where price < 20
"""

TOOL_TOTALS = """
create materialized view workshop.tool_totals with (fillfactor = 90) as
select kind, count(*) as tools, sum(total) as weight
  from workshop.tools
 group by kind
"""

declare(
    metadata,
    *(Role(name) for name in (READER, WRITER, KEEPER, VISITOR)),
    Membership(KEEPER),
    Membership(READER, WRITER),
    Schema("extensions"),
    Schema(SCHEMA, "Tools and who has borrowed them"),
    Schema("workshop_archive"),
    Extension("btree_gist", "extensions"),
    Extension("citext", "extensions"),
    Grant(("usage",), SCHEMA, (READER, WRITER), kind="schema"),
    Grant(("usage", "create"), SCHEMA, (KEEPER,), kind="schema"),
    Function("next_label", NEXT_LABEL, SCHEMA, execute=(WRITER,)),
    Function("discounted", DISCOUNTED, SCHEMA, execute=None, comment="A price less its rebate"),
    Function("loans_of", LOANS_OF, SCHEMA, owner=KEEPER, execute=(READER,)),
    Function("check_tool", CHECK_TOOL, SCHEMA),
    Function("note_loan", NOTE_LOAN, SCHEMA),
    View("cheap_tools", CHEAP_TOOLS, SCHEMA, comment="What a beginner may buy"),
    View(
        "tool_totals",
        TOOL_TOTALS,
        SCHEMA,
        materialized=True,
        indexes=("create unique index tool_totals_kind on workshop.tool_totals (kind)",),
    ),
    Trigger(
        "check_tool",
        "tools",
        "before",
        "insert or update of weight, name",
        "workshop.check_tool",
        SCHEMA,
        when="new.weight is not null",
    ),
    Trigger("note_loan", "loans", "after", "insert", "workshop.note_loan", SCHEMA, "statement"),
    RowSecurity("tools", SCHEMA, force=False),
    RowSecurity("loans", SCHEMA),
    Policy("tools_read", "tools", (READER, WRITER), "select", using="true", schema=SCHEMA),
    Policy(
        "tools_light",
        "tools",
        ("public",),
        "all",
        using="weight < 100",
        with_check="weight < 50",
        permissive=False,
        schema=SCHEMA,
    ),
    Policy(
        "loans_own",
        "loans",
        (WRITER,),
        "insert",
        with_check="borrower = current_user",
        schema=SCHEMA,
    ),
    Grant(("select",), "tools", (READER,), schema=SCHEMA),
    Grant(("select", "insert", "update", "delete"), "tools", (WRITER,), schema=SCHEMA),
    Grant(("select",), "loans", (KEEPER,), schema=SCHEMA),
    Grant(("select",), "makers", ("public",), schema=SCHEMA, columns=("maker_id", "name")),
    Grant(("usage",), "labels", (WRITER,), kind="sequence", schema=SCHEMA),
    DefaultPrivileges("grant select on tables to workshop_reader", SCHEMA),
    DefaultPrivileges("revoke execute on functions from public"),
    Publication(
        "workshop_changes",
        ("workshop.tools (tool_id, kind, price) where (pieces > 0)", "workshop.makers"),
        "insert, update",
    ),
)
