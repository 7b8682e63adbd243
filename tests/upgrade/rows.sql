-- Rows in every table, as the release before stored them, with values at the edges of what it took.
update agent_types
   set display_name = U&'caf\00E9 "quoted" ''single'' \005C 100% {}', description = '', learning_rate = 0,
       discount_factor = 1, retention_days = 2147483647, initial_q_value = -1.7976931348623157e308, environment = '',
       metadata = '{"nested": [1.0, 1e400, null, {"": ""}]}'
 where agent_type = 'visual-tester';
update agent_types set is_active = false, metadata = 'null', retention_days = 1 where agent_type = 'code-complexity';
insert into sessions (agent_type, session_id, session_name, start_time, end_time, status, metadata)
select 'visual-tester', md5('run ' || n)::uuid, repeat(U&'\00FC', 200), now() - n * interval '1 hour',
       case when n % 2 = 0 then now() end, (array['active', 'completed', 'failed', 'cancelled'])[1 + n % 4],
       (array['{}', 'null', '[]', '"text"', '1.10']::jsonb[])[1 + n % 5]
  from generate_series(1, 8) as n;
insert into q_values (
    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score,
    uncertainty, td_error, expires_at, metadata
)
select 'visual-tester', case when n % 2 = 0 then md5('run ' || 1 + n % 8)::uuid end, repeat('f', 60) || lpad(n::text, 4, '0'),
       (array['null', '[]', '{"a": 1.00}', '"\u00e9"', 'false']::jsonb[])[1 + n % 5], 'a', '{"big": 123456789012345678901234567890}',
       (array[-1.7976931348623157e308, 4.9e-324, 0, '-0', 0.1, 1.7976931348623157e308]::float8[])[1 + n % 6],
       (array[0, 1, 2147483647])[1 + n % 3], n % 2, 1 - n % 2, case when n % 3 > 0 then -1e-300 end,
       (array[null, now() - interval '100 days', now() + interval '1 year', 'infinity', '-infinity']::timestamptz[])[1 + n % 5],
       case when n % 4 > 0 then '{"k": null}'::jsonb end
  from generate_series(1, 60) as n;
insert into trajectories (
    agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed,
    exploration_rate, policy_version, priority, error_message, started_at, completed_at, expires_at
)
select 'visual-tester', md5('episode ' || n)::uuid, md5('run ' || 1 + n % 8)::uuid, '', 'null', '[]', '[null, {}]', '[1, 2, 3]', '[0.0, -1.50]',
       -1e308, 1e-308, 2147483647, n % 2 = 0, n % 3 = 0, n % 3 = 1, n % 5 = 0, -9223372036854775808, n % 2, 3, 4.9e-324,
       U&'line\000Abreak', '0001-01-01 BC', 'infinity', null
  from generate_series(1, 12) as n;
insert into rewards (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at)
select 'visual-tester', md5('run ' || 1 + n % 8)::uuid, md5('episode ' || 1 + n % 12)::uuid, 's', 'a', -0.0, case when n % 2 = 0 then n end,
       (array['immediate', 'delayed', 'terminal', 'shaping'])[1 + n % 4], '', now() - n * interval '40 days'
  from generate_series(1, 20) as n;
insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data, trigger_conditions, version, parent_pattern_id, expires_at)
select 'visual-tester', md5('pattern ' || n)::uuid, 'p', '', 'null', (array['{}', 'null', '[]', '{"a": {"$lt": 1}}']::jsonb[])[1 + n % 4],
       n, case when n > 1 then md5('pattern ' || n - 1)::uuid end, now() - interval '1 day'
  from generate_series(1, 6) as n;
insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, current_exploration_rate, current_learning_rate, last_activity)
values ('visual-tester', '', 2147483647, 0, 0, 1, '-infinity'), ('visual-tester', U&'\D83D\DE00', 0, 0, 1, 0, now());
select qlmodels_private.keep_policy('visual-tester', 'hand', U&'\00E9'), qlmodels_private.keep_policy('visual-tester', 'merge');
insert into qlmodels_private.fleet_grants (login, agent_type) values ('qlfleet_test', 'test-generator'), ('qlfleet_odd "name', 'visual-tester');
insert into qlmodels_private.adopt_rejects (table_name, row_key, reason, original) values ('q_values', '1', 'because', 'null');
insert into qlmodels_admin.users (name, role, password_hash) values (U&'\00E9', 'admin', 'hash'), ('b', 'viewer', null);
insert into qlmodels_admin.sign_in_links (token_hash, user_name, expires_at) values ('\x00ff', 'b', 'infinity');
insert into qlmodels_admin.sessions (token_hash, user_name, expires_at) values ('\x', 'b', now());
insert into qlmodels_admin.watchers (channel, expires_at) values ('c', now());
insert into qlmodels_admin.size_samples (table_name, sampled_at, heap, indexes) values ('public.q_values', now(), 0, 0);
insert into qlmodels_admin.action_runs (user_name, table_name, action, filter, input, total) values ('b', 'q_values', 'x', '?a=%25', '{}', 1);
