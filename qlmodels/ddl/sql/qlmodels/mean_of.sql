-- A sum of rewards by their number, 0 without any, or where it is too small for a double precision.
-- Inlined into the statements that call it.
create or replace function qlmodels.mean_of(p_total double precision, p_number integer)
returns double precision
language sql immutable parallel safe
return case when p_number = 0 or abs(p_total) < 1e-290 then 0 else p_total / p_number end;
