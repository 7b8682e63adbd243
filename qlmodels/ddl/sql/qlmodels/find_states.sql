-- `@>` is not leakproof, so under row-level security it runs after the policy and without its
-- index. Here the caller's agent type is part of the question, and one GIN index answers both.
create or replace function qlmodels.find_states(
    p_contains jsonb, p_limit integer, p_action_contains jsonb default null
)
returns table (
    agent_type text, q_value_id bigint, state_hash text, state_data jsonb,
    action_hash text, action_data jsonb, q_value double precision, visit_count integer
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
as $$
declare
    v_agent_type text := qlmodels.speaking_for();
begin
    return query
    select pair.agent_type::text, pair.q_value_id, pair.state_hash::text, pair.state_data,
           pair.action_hash::text, pair.action_data, pair.q_value::double precision,
           pair.visit_count::integer
      from public.q_values as pair
     where (v_agent_type is null or pair.agent_type = v_agent_type)
       and (p_contains is null or pair.state_data @> p_contains)
       and (p_action_contains is null or pair.action_data @> p_action_contains)
     limit p_limit;
end $$;
