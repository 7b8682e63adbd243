-- The pairs of many steps as arrays in key order, in which the transaction has locked them, so that two
-- batches never deadlock. Missing ones are made, with the given value and without a visit; so are
-- those that another transaction deletes meanwhile. The value of a new one is null.
create or replace function qlmodels.lock_pairs(
    p_agent_type text, p_steps jsonb, p_q_value double precision,
    out ids bigint[], out states jsonb[], out actions jsonb[], out visits integer[],
    out q_values double precision[], out are_new boolean[]
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_new bigint[] := '{}';
    v_slots integer;
begin
    select count(*) into v_slots from qlmodels.learning_steps(p_steps) as step where step.is_first;
    loop
        with made as (
            insert into public.q_values (
                agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
            )
            select p_agent_type, step.session_id, step.state_hash, step.state_data,
                   step.action_hash, step.action_data, p_q_value, 0
              from qlmodels.learning_steps(p_steps) as step
             where step.is_first
               and (
                   select true
                     from public.q_values as pair
                    where pair.agent_type = p_agent_type
                      and pair.state_hash = step.state_hash
                      and pair.action_hash = step.action_hash
               ) is null
             order by step.slot
            on conflict (agent_type, state_hash, action_hash) do nothing
            returning q_values.q_value_id
        )
        select v_new || coalesce(array_agg(made.q_value_id), '{}') into v_new from made;

        select array_agg(pair.q_value_id), array_agg(pair.state_data), array_agg(pair.action_data),
               array_agg(pair.visit_count),
               array_agg(case when pair.q_value_id = any (v_new) then null else pair.q_value end),
               array_agg(pair.q_value_id = any (v_new))
          into ids, states, actions, visits, q_values, are_new
          from (
               select step.state_hash, step.action_hash
                 from qlmodels.learning_steps(p_steps) as step
                where step.is_first
                order by step.slot
          ) as wanted
         cross join lateral (
               select stored.q_value_id, stored.state_data, stored.action_data,
                      stored.visit_count::integer, stored.q_value::double precision
                 from public.q_values as stored
                where stored.agent_type = p_agent_type
                  and stored.state_hash = wanted.state_hash
                  and stored.action_hash = wanted.action_hash
                  for update
         ) as pair;
        exit when coalesce(cardinality(ids), 0) = v_slots;
    end loop;
end $$;
