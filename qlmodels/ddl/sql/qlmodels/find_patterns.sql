-- As find_states: the policy's condition is part of the question, so that the index answers it.
create or replace function qlmodels.find_patterns(p_data jsonb, p_trigger jsonb, p_limit integer)
returns setof public.patterns
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
as $$
declare
    v_agent_type text := qlmodels.speaking_for();
begin
    return query
    select pattern.*
      from public.patterns as pattern
     where (v_agent_type is null or pattern.agent_type = v_agent_type)
       and (p_data is null or pattern.pattern_data @> p_data)
       and (p_trigger is null or pattern.trigger_conditions @> p_trigger)
     limit p_limit;
end $$;
