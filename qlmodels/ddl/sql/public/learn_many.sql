-- Many steps of Q-learning with the result of learn_step one by one, in their order: an array of
-- objects with the arguments of learn_step, without their prefix, and with next_policy, learning_rate
-- and weight. A policy is {"epsilon_greedy": e}, {"softmax": t} or {"probabilities": {hash: p, ...}};
-- what the next state is worth under it is the target in place of the maximum. A learning_rate takes
-- the place of the agent type's, and a weight multiplies the change. Two batches never deadlock.
create or replace function public.learn_many(p_agent_type text, p_steps jsonb)
returns table (
    q_value double precision, td_error double precision, learning_rate double precision,
    visit_count integer
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query
    select step.q_value, step.td_error, step.learning_rate, step.visit_count
      from qlmodels.learn_transitions(p_agent_type, p_steps) as step;
end $$;
