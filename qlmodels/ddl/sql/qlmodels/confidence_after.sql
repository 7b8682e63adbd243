-- The confidence in a pair after so many more visits. Inlined into the statements that call it.
create or replace function qlmodels.confidence_after(p_confidence double precision, p_visits integer)
returns double precision
language sql immutable parallel safe
return least(1, p_confidence + 0.01 * p_visits);
