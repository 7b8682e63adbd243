-- How long rows are kept; null is for ever. More than a million days counts as a million, since
-- Postgres has no date further away. Inlined into the statements that call it.
create or replace function qlmodels.retention(p_days integer)
returns interval
language sql immutable parallel safe
return case when p_days is not null then make_interval(days => least(p_days, 1000000)) end;
