-- Add to what pairs are worth, as eligibility traces and planning do: an array of objects with state_hash,
-- state_data, action_hash, action_data, by and, where it counts as a visit, visit: true. A missing pair
-- begins at the agent type's initial_q_value. Values come back in the order of the input, each as it was
-- then. Pairs are locked in key order, so that two batches never deadlock; each is written once.
create or replace function public.nudge_q_values(p_agent_type text, p_nudges jsonb)
returns table (q_value double precision, visit_count integer, is_new boolean)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
set enable_hashjoin = off  -- pairs are looked up by key, however little the planner knows yet
set enable_mergejoin = off
set enable_bitmapscan = off
set enable_seqscan = off
as $$
declare
    v_kind record;
    v_nudge record;
    -- the pairs by key, each in its slot
    v_ids bigint[];
    v_states jsonb[];
    v_actions jsonb[];
    v_values double precision[];
    v_visits integer[];
    v_new boolean[];
begin
    select kind.initial_q_value, kind.retention_days
      into v_kind
      from public.agent_types as kind
     where kind.agent_type = p_agent_type;
    if not found then
        raise insufficient_privilege using
            message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
            hint = 'Connect by the login of that agent type, or choose it by acting_as().';
    end if;

    select locked.ids, locked.states, locked.actions, locked.q_values, locked.visits, locked.are_new
      into v_ids, v_states, v_actions, v_values, v_visits, v_new
      from qlmodels.lock_pairs(p_agent_type, p_nudges, v_kind.initial_q_value) as locked;

    for v_nudge in
        select pair.slot, pair.is_first, pair.state_hash, pair.state_data, pair.action_hash,
               pair.action_data,
               (p_nudges -> pair.position::integer - 1 ->> 'by')::double precision as amount,
               coalesce((p_nudges -> pair.position::integer - 1 ->> 'visit')::boolean, false) as is_visit
          from qlmodels.learning_steps(p_nudges) as pair
         order by pair.position
    loop
        if (v_nudge.state_data <> v_states[v_nudge.slot] or v_nudge.action_data <> v_actions[v_nudge.slot])
            and not (
                qlmodels.is_same_document(v_states[v_nudge.slot], v_nudge.state_data, v_nudge.state_hash)
                and qlmodels.is_same_document(v_actions[v_nudge.slot], v_nudge.action_data, v_nudge.action_hash)
            )
        then
            raise sqlstate 'QL001' using
                message = format(
                    'pair %L, %L is stored with another state or action',
                    v_nudge.state_hash, v_nudge.action_hash
                ),
                hint = 'Hash every feature that the document holds, and nothing else.';
        elsif not coalesce(abs(v_nudge.amount) < 'Infinity', false) then
            raise invalid_parameter_value using
                message = format('a nudge is by %s', v_nudge.amount),
                hint = 'Give a finite number.';
        end if;
        q_value := coalesce(v_values[v_nudge.slot], v_kind.initial_q_value) + v_nudge.amount;
        visit_count := v_visits[v_nudge.slot] + v_nudge.is_visit::integer;
        is_new := v_nudge.is_first and v_new[v_nudge.slot];
        v_values[v_nudge.slot] := q_value;
        v_visits[v_nudge.slot] := visit_count;
        return next;
    end loop;

    update public.q_values as pair
       set q_value = v_values[array_position(v_ids, pair.q_value_id)],
           visit_count = v_visits[array_position(v_ids, pair.q_value_id)],
           confidence_score = qlmodels.confidence_after(
               pair.confidence_score, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
           ),
           uncertainty = qlmodels.uncertainty_after(
               pair.uncertainty, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
           ),
           last_updated = now(),
           expires_at = qlmodels.expiry(v_kind.retention_days)
     where pair.agent_type = p_agent_type
       and pair.q_value_id = any (v_ids);
end $$;
