"""A third party's schema, with at least one object of every kind that is compared."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from qlmodels.ddl import (
    DefaultPrivileges,
    Extension,
    Function,
    Grant,
    Membership,
    Policy,
    Publication,
    Revoke,
    Role,
    RowSecurity,
    Schema,
    Trigger,
    View,
    declare,
)

shop = MetaData()

makers = Table(
    "makers",
    shop,
    Column("maker_id", Integer, Identity(), primary_key=True),
    Column("name", String(50), nullable=False, comment="What it says on the box"),
    Column("country", Text),
    Column("document", JSONB, nullable=False, server_default=text("'{\"a:b\": [1, 2]}'::jsonb")),
    Column("founded", DateTime(timezone=True), server_default=text("now()")),
    UniqueConstraint("country", "name", name="uq_makers_name", postgresql_nulls_not_distinct=True),
    comment="Who makes tools",
)

tools = Table(
    "tools",
    shop,
    Column("tool_id", BigInteger, Identity(always=True, start=10, increment=5), primary_key=True),
    Column("maker_id", Integer),
    Column("slug", String(40, collation="C"), nullable=False),
    Column("price", Numeric(8, 2), nullable=False, server_default="1"),
    Column("taxed", Numeric(8, 2), Computed("price * 1.2", persisted=True)),
    Column("kind", String(20), nullable=False, server_default="hammer"),
    Column("tags", JSONB),
    Column("owner_name", Text, server_default=text("shop_current()")),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("price > 0", name="ck_tools_price"),
    CheckConstraint("kind in ('hammer', 'saw', 'it''s: \\other')", name="ck_tools_kind"),
    CheckConstraint("shop_valid(slug)", name="ck_tools_slug"),
    UniqueConstraint("slug", name="uq_tools_slug", deferrable=True),
    ForeignKeyConstraint(
        ["maker_id"], ["makers.maker_id"], name="fk_tools_maker", ondelete="SET NULL"
    ),
    Index("ix_tools_tags", "tags", postgresql_using="gin",
          postgresql_ops={"tags": "jsonb_path_ops"}, postgresql_with={"fastupdate": "off"}),
    Index("ix_tools_price", text("price desc nulls last"), postgresql_include=["slug"],
          postgresql_where=text("not retired"), postgresql_with={"fillfactor": 70}),
    Index("ix_tools_lower", text("lower(slug)"), unique=True),
    Index("ix_tools_search", "slug", postgresql_using="gin",
          postgresql_ops={"slug": "extensions.gin_trgm_ops"}),
    postgresql_with={"fillfactor": 90, "autovacuum_vacuum_scale_factor": 0.1},
    comment="What can be lent",
)  # fmt: skip

loans = Table(
    "loans",
    shop,
    Column("loan_id", Integer, primary_key=True),
    Column("tool_id", BigInteger, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("note", Text),
    ForeignKeyConstraint(
        ["tool_id"], ["tools.tool_id"], name="fk_loans_tool",
        ondelete="CASCADE", deferrable=True, initially="DEFERRED",
    ),
    ExcludeConstraint(("during", "&&"), name="ex_loans_during", using="gist"),
    Index("ix_loans_tool_id", "tool_id"),
    schema="lending",
)  # fmt: skip

CURRENT = """
create function public.shop_current() returns text
language sql stable parallel safe set search_path = pg_catalog, pg_temp
as $$ select nullif(current_setting('shop.me', true), '') $$
"""
VALID = """
create function public.shop_valid(p_slug text, p_strictly boolean default true) returns boolean
language plpgsql immutable strict cost 42 set search_path = pg_catalog, pg_temp
as $body$
begin
    -- a slug says: nothing but a-z, "quotes" and \\ are out, :colons too
    return p_slug ~ '^[a-z:]+$' or not p_strictly;
end
$body$
"""
COUNT = """
create function lending.shop_count() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$ begin return (select count(*) from public.tools); end $$
"""
TOUCH = """
create function public.shop_touch() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$ begin new.slug := lower(new.slug); return new; end $$
"""
OFFERS = """
create view public.offers with (security_invoker = true) as
select t.slug, t.price, t.kind, m.name as maker
from public.tools as t left join public.makers as m using (maker_id)
where not t.retired
"""
CHEAP = """
create view public.cheap_offers as select slug, price from public.offers where price < 10
"""
TOTALS = """
create materialized view lending.totals as
select tool_id, count(*) as loans from lending.loans group by tool_id
"""

declare(
    shop,
    Role("shop_reader"),
    Role("shop_writer"),
    Role("shop_owner", inherit=False),
    Membership("shop_owner"),
    Membership("shop_reader", "shop_writer"),
    Schema("extensions"),
    Schema("lending", "Who has what"),
    Extension("pg_trgm"),
    Function("shop_current", CURRENT, execute=None),
    Function("shop_valid", VALID, execute=("shop_reader", "shop_writer"), comment="Is it one?"),
    Function("shop_count", COUNT, schema="lending", owner="shop_owner", execute=("shop_reader",)),
    Function("shop_touch", TOUCH),
    View("offers", OFFERS, comment="What can be had"),
    View("cheap_offers", CHEAP),
    View("totals", TOTALS, schema="lending", materialized=True),
    Trigger("lower_slug", "tools", "before", "insert or update of slug", "public.shop_touch",
            when="new.slug is not null"),
    RowSecurity("tools"),
    RowSecurity("makers", force=False),
    Policy("own", "tools", ("shop_writer", "shop_reader"), "all",
           using="owner_name = shop_current()", with_check="owner_name = shop_current()"),
    Policy("not_retired", "tools", ("public",), "select", using="not retired", permissive=False),
    Policy("read", "makers", ("shop_reader",), "select", using="true"),
    Revoke(("temporary",), "", kind="database"),
    Grant(("usage",), "lending", ("shop_reader", "shop_writer"), kind="schema"),
    Grant(("usage", "create"), "lending", ("shop_owner",), kind="schema"),
    Grant(("select",), "tools", ("shop_reader",)),
    Grant(("select", "insert", "update"), "tools", ("shop_writer",)),
    Grant(("select",), "makers", ("shop_reader",), columns=("maker_id", "name")),
    Grant(("update",), "makers", ("shop_writer",), columns=("name",)),
    Grant(("select",), "offers", ("shop_reader",)),
    Grant(("usage",), "makers_maker_id_seq", ("shop_writer",), kind="sequence"),
    DefaultPrivileges("revoke execute on functions from public"),
    DefaultPrivileges("grant select on tables to shop_reader", schema="lending"),
    Publication("shop_feed", ("public.makers (maker_id, name) where (name <> 'secret')",
                              "lending.loans"), publish="insert, update"),
)  # fmt: skip
