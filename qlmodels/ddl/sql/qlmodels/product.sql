-- A product, 0 where it is too small for a double precision, which Postgres refuses to compute.
-- Inlined into the statements that call it.
create or replace function qlmodels.product(p_one double precision, p_other double precision)
returns double precision
language sql immutable parallel safe
return case
    when abs(p_one) < 1e-160 and abs(p_other) < 1 or abs(p_other) < 1e-160 and abs(p_one) < 1 then 0
    else p_one * p_other
end;
