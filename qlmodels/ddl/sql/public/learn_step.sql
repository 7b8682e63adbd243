-- One step of Q-learning: Q <- Q + alpha (r + gamma V' - Q), and what the actions of the next state are
-- worth after it. V' is the maximum over the next state's actions; one that has no row counts as the
-- agent type's initial_q_value. Without p_next_action_hashes there are action_space_dimensions of them,
-- and where that is null too, the step is refused. Concurrent steps lose nothing. Other targets, rates
-- and weights are arguments of learn_many.
create or replace function public.learn_step(
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
    p_discount_factor double precision default null,
    p_reward_type text default null,
    p_reward_source text default null,
    p_step integer default null
) returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer, next_values double precision[], next_visits integer[]
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query
    select step.q_value, step.td_error, step.learning_rate, step.visit_count, step.next_values,
           step.next_visits
      from qlmodels.learn_transition(
               p_agent_type, p_state_hash, p_state_data, p_action_hash, p_action_data, p_reward,
               p_next_state_hash, p_next_action_hashes, p_terminated, p_session_id,
               p_discount_factor, p_reward_type, p_reward_source, p_step
           ) as step;
end $$;
