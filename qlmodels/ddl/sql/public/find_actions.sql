-- One's own pairs whose action contains a JSON document: find_actions('{"tool": "pytest"}').
create or replace function public.find_actions(p_contains jsonb, p_limit integer default 50)
returns table (
    agent_type text, q_value_id bigint, state_hash text, state_data jsonb,
    action_hash text, action_data jsonb, q_value double precision, visit_count integer
)
language plpgsql stable security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query select * from qlmodels.find_states(null, p_limit, p_contains);
end $$;
