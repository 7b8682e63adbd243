-- case: definition
drop materialized view workshop.tool_totals;
create materialized view workshop.tool_totals with (fillfactor = 90) as
select kind, count(*) as tools, avg(total) as weight from workshop.tools group by kind;
create unique index tool_totals_kind on workshop.tool_totals (kind);

-- case: index dropped
drop index workshop.tool_totals_kind;

-- case: index changed
drop index workshop.tool_totals_kind;
create unique index tool_totals_kind on workshop.tool_totals (kind desc);

-- case: index appears
create index tool_totals_weight on workshop.tool_totals (weight);

-- case: storage parameter
alter materialized view workshop.tool_totals set (fillfactor = 50);

-- case: statistics of a column
alter materialized view workshop.tool_totals alter column weight set statistics 300;

-- case: granted
grant select on workshop.tool_totals to workshop_reader;

-- case: dropped
drop materialized view workshop.tool_totals;

-- case: comment
comment on materialized view workshop.tool_totals is 'Refreshed at night';

-- case: a view instead
drop materialized view workshop.tool_totals;
create view workshop.tool_totals as select kind from workshop.tools;

-- case: storage of a column
alter materialized view workshop.tool_totals alter column weight set storage external;
