-- Epsilon of an instance after so many finished episodes. Inlined into the statements that call it.
-- Where a power is too small for a double precision, which Postgres refuses to compute, it is 0.
create or replace function qlmodels.exploration_after(
    p_rate double precision, p_decay double precision, p_minimum double precision, p_episodes integer
)
returns double precision
language sql immutable parallel safe
return greatest(
    p_minimum,
    case when p_episodes = 0 then p_rate
         when p_rate = 0 or p_decay = 0 then 0
         when ln(p_rate) + p_episodes * ln(p_decay) < -700 then 0
         else p_rate * power(p_decay, p_episodes)
    end
);
