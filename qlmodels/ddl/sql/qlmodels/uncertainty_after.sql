-- The uncertainty of a pair after so many more visits. Inlined into the statements that call it.
create or replace function qlmodels.uncertainty_after(p_uncertainty double precision, p_visits integer)
returns double precision
language sql immutable parallel safe
return greatest(0, p_uncertainty - 0.01 * p_visits);
