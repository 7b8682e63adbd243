-- One step of Q-learning, atomic under concurrency: the pair's new value. See learn_step.
create or replace function public.learn(
    p_agent_type text,
    p_state_hash text,
    p_state_data jsonb,
    p_action_hash text,
    p_action_data jsonb,
    p_reward double precision,
    p_next_state_hash text default null,
    p_next_action_hashes text[] default null,
    p_terminated boolean default false,
    p_session_id uuid default null,
    p_discount_factor double precision default null
) returns double precision
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return (
        select step.q_value
          from qlmodels.learn_transition(
                   p_agent_type, p_state_hash, p_state_data, p_action_hash, p_action_data, p_reward,
                   p_next_state_hash, p_next_action_hashes, p_terminated, p_session_id,
                   p_discount_factor
               ) as step
    );
end $$;
