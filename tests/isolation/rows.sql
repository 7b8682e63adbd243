-- The same rows for everybody, each marked by whose they are: the attacker's are "mine", the
-- victim's the "crown-jewels". One state, 'only-victim', is known to the victim alone.
create function pg_temp.id(p_agent_type text, p_number integer) returns uuid language sql as $$
    select (
        case p_agent_type when 'test-generator' then 'aaaaaaaa' when 'security-scanner' then 'bbbbbbbb' else 'cccccccc' end
        || '-0000-4000-8000-00000000000' || p_number
    )::uuid
$$;
create temporary table cast_list (agent_type text, mark text) on commit drop;
insert into cast_list values
    ('test-generator', 'mine'), ('security-scanner', 'crown-jewels'), ('quality-gate', 'somebody-else');

update public.agent_types as kind
   set display_name = cast_list.mark, metadata = jsonb_build_object('secret', cast_list.mark)
  from cast_list
 where cast_list.agent_type = kind.agent_type;

insert into public.sessions (agent_type, session_id, session_name, start_time)
select agent_type, pg_temp.id(agent_type, 1), mark, now() - interval '1 hour' from cast_list;

insert into public.q_values (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at)
select agent_type, pg_temp.id(agent_type, 1), state.hash, jsonb_build_object('secret', mark),
       'action-' || n, jsonb_build_object('secret', mark), n, now() - interval '1 day' * (n - 7)
  from cast_list
 cross join generate_series(1, 12) as n
 cross join lateral (values ('shared'), ('only-victim')) as state (hash)
 where state.hash = 'shared' or agent_type = 'security-scanner';

insert into public.trajectories (
    agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken,
    states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success,
    error_message, started_at, completed_at
)
select agent_type, pg_temp.id(agent_type, 2), pg_temp.id(agent_type, 1), mark, '{}', '{}', '[1]', '[1]', '[1]',
       1, 1, 1, true, mark, now(), now()
  from cast_list;

insert into public.rewards (
    agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, reward_type, reward_source
)
select agent_type, pg_temp.id(agent_type, 1), pg_temp.id(agent_type, 2), 'shared', 'action-1', 1, 'immediate', mark
  from cast_list;

insert into public.patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data, trigger_conditions)
select agent_type, pg_temp.id(agent_type, 3), mark, mark, jsonb_build_object('secret', mark),
       jsonb_build_object('secret', mark)
  from cast_list;

insert into public.patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data, expires_at)
select agent_type, pg_temp.id(agent_type, 6), 'expired', mark, jsonb_build_object('secret', mark), now() - interval '1 day'
  from cast_list;

insert into public.agent_states (
    agent_type, state_id, agent_instance_id, current_exploration_rate, current_learning_rate
)
select agent_type, pg_temp.id(agent_type, 4), mark, 0.1, 0.1 from cast_list;

create function public.peek(p_value text) returns boolean
language plpgsql cost 0.0000001 as $$
begin
    perform set_config('peek.seen', coalesce(current_setting('peek.seen', true), '') || p_value, false);
    return true;
end $$;

insert into qlmodels_private.policy_versions (agent_type, policy_version, reason, login, note, states, pairs, visits)
select agent_type, case mark when 'crown-jewels' then 3 else 1 end, 'hand', 'owner', mark, 1, 1, 1
  from cast_list;

insert into qlmodels_private.policy_parts
select version.agent_type, version.policy_version, 0, array[1], array[null::uuid], array['shared'],
       array[jsonb_build_object('secret', version.note)], array['action-1'], array['1'::jsonb], array[1],
       array[1], array[1], array[0], array[0], array[now()], array[now()], array['{}'::jsonb]
  from qlmodels_private.policy_versions as version;
