-- case: no security barrier
alter view workshop.cheap_tools reset (security_barrier);

-- case: another condition
create or replace view workshop.cheap_tools
with (security_barrier = true, security_invoker = true) as
select tool_id, name, workshop.discounted(price) as price from workshop.tools where price < 50;

-- case: its comment is gone
comment on view workshop.cheap_tools is null;
