-- When a row expires that is written now; null is never. Inlined into the statements that call it.
create or replace function qlmodels.expiry(p_retention_days integer)
returns timestamptz
language sql stable parallel safe
return now() + qlmodels.retention(p_retention_days);
