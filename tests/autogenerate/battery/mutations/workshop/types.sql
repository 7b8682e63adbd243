-- case: an enum has one value more
alter type workshop.tool_kind add value 'plane' after 'saw';

-- case: a value of an enum is renamed
alter type workshop.tool_kind rename value 'drill' to 'borer';

-- case: an enum in another order
alter publication workshop_changes drop table workshop.tools;
drop materialized view workshop.tool_totals;
drop index workshop.tools_by_weight;
alter table workshop.tools alter column kind drop default;
alter table workshop.tools alter column kind type text;
drop type workshop.tool_kind;
create type workshop.tool_kind as enum ('saw', 'hammer', 'drill');
alter table workshop.tools alter column kind type workshop.tool_kind using kind::workshop.tool_kind;

-- case: check of a domain
alter domain workshop.price drop constraint price_not_negative;
alter domain workshop.price add constraint price_not_negative check (value > 0);

-- case: default of a domain
alter domain workshop.price set default 1;

-- case: a domain may not be null
alter domain workshop.price set not null;

-- case: a domain is renamed
alter domain workshop.price rename to amount;

-- case: an enum appears
create type workshop.state as enum ('new', 'worn');

-- case: a composite appears
create type workshop.size as (width integer, height integer);

-- case: a domain appears
create domain workshop.grams as numeric check (value > 0);

-- case: a range appears
create type workshop.reach as range (subtype = numeric);

-- case: a range appears and a column is of it
create type workshop.names as range (subtype = text, collation = "C");
alter table workshop.tools add column names workshop.names default '[a,b)';

-- case: comment
comment on type workshop.tool_kind is 'What it is for';

-- case: nobody else may use it
revoke usage on type workshop.tool_kind from public;

-- case: owner
alter type workshop.tool_kind owner to workshop_keeper;

-- case: an enum has fewer values
alter publication workshop_changes drop table workshop.tools;
alter table workshop.tools alter column kind drop default;
drop materialized view workshop.tool_totals;
drop index workshop.tools_by_weight;
alter type workshop.tool_kind rename to former;
create type workshop.tool_kind as enum ('hammer', 'saw');
alter table workshop.tools alter column kind type workshop.tool_kind using kind::text::workshop.tool_kind;

-- case: a check of a domain that is not validated
alter domain workshop.price add constraint price_limit check (value < 1000) not valid;

-- case: base type of a domain
alter publication workshop_changes drop table workshop.tools;
drop view workshop.cheap_tools;
alter table workshop.tools alter column price type numeric;
drop domain workshop.price;
create domain workshop.price as numeric(12, 3) default 0
    constraint price_not_negative check (value >= 0);
alter table workshop.tools alter column price type workshop.price;
alter publication workshop_changes
    add table workshop.tools (tool_id, kind, price) where (pieces > 0);

-- case: a domain of a domain
create domain workshop.small_price as workshop.price check (value < 10);
alter domain workshop.price add constraint price_limit check (value < 1000);
