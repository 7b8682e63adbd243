-- Alpha of a pair's update, the p_visits-th. Inlined into the statements that call it.
-- Where a quotient is too small for a double precision, which Postgres refuses to compute, it is 0.
create or replace function qlmodels.learning_rate_at(
    p_rate double precision, p_decay double precision, p_minimum double precision, p_visits integer
)
returns double precision
language sql immutable parallel safe
return greatest(
    p_minimum,
    case when p_decay = 0 then p_rate
         when p_rate = 0 then 0
         when least(p_decay, 1e6) * ln(p_visits) - ln(p_rate) > 700 then 0
         else p_rate / power(p_visits, p_decay)
    end
);
