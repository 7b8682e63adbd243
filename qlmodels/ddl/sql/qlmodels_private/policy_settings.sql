-- The settings of an agent type without which the values of its Q-table mean something else: what an
-- action that was never tried counts as, where it learns, and how many actions there are.
create or replace function qlmodels_private.policy_settings(p_agent_type text) returns jsonb
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
               'initial_q_value', kind.initial_q_value,
               'environment', kind.environment,
               'action_space_dimensions', kind.action_space_dimensions
           )
      from public.agent_types as kind
     where kind.agent_type = p_agent_type
$$
