-- case: a limit to its length
alter table workshop.loans alter column note type varchar(10);

-- case: a domain's base type instead
alter publication workshop_changes drop table workshop.tools;
drop view workshop.cheap_tools;
drop index workshop.tools_by_weight;
alter table workshop.tools alter column price type numeric(10, 2);

-- case: text instead of an enum
alter publication workshop_changes drop table workshop.tools;
drop materialized view workshop.tool_totals;
drop index workshop.tools_by_weight;
alter table workshop.tools alter column kind drop default;
alter table workshop.tools alter column kind type text;

-- case: a column under a publication and a view is dropped
drop view workshop.cheap_tools;
alter publication workshop_changes drop table workshop.tools;
alter table workshop.tools drop column price;

-- case: a type under a trigger and policies
drop trigger check_tool on workshop.tools;
drop policy tools_light on workshop.tools;
alter table workshop.tools drop column total cascade;
alter table workshop.tools alter column weight type double precision;
