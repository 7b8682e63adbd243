-- The greedy action of a state: the highest value, the more trusted one where values are equal.
create or replace function public.get_best_action(p_agent_type text, p_state_hash text)
returns table (action_data jsonb, q_value double precision, confidence_score double precision)
language plpgsql stable security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query
    select pair.action_data, pair.q_value::double precision,
           pair.confidence_score::double precision
      from public.q_values as pair
     where pair.agent_type = p_agent_type
       and pair.state_hash = p_state_hash
     order by pair.q_value desc, pair.confidence_score desc, pair.visit_count desc, pair.action_hash
     limit 1;
    if not found then
        perform qlmodels.speaking_for();  -- nobody's empty answer would read as an unknown state
    end if;
end $$;
