-- SCALE times: 25 sessions, 500 pairs, 100 episodes, 325 rewards, 40 patterns, 10 instances.
insert into sessions (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward)
select kind, md5('session ' || n)::uuid, 'run ' || n, now() - n * interval '1 minute',
       case when n % 3 > 0 then now() - n * interval '30 seconds' end,
       (array['active', 'completed', 'failed', 'cancelled'])[1 + n % 4], n % 50, n / 7.0
  from generate_series(1, 25 * SCALE) as n, lateral (select agent_type from agent_types order by agent_type offset n % 18 limit 1) as kind (kind);

insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, expires_at, metadata)
select run.agent_type, case when n % 4 > 0 then run.session_id end,
       encode(sha256(convert_to('state ' || n / 8, 'UTF8')), 'hex'),
       jsonb_build_object('module', 'module ' || n / 80, 'complexity', n % 17, 'coverage', n / 3.0),
       encode(sha256(convert_to('action ' || n % 8, 'UTF8')), 'hex'), jsonb_build_object('action', n % 8),
       (n - 1000) / 7.0, n % 100, least(1, 0.5 + (n % 60) / 100.0), greatest(0, 0.5 - (n % 60) / 100.0),
       case when n % 5 > 0 then now() + (n % 60 - 10) * interval '1 day' end,
       case when n % 9 = 0 then null else jsonb_build_object('n', n) end
  from generate_series(1, 500 * SCALE) as n
  join sessions as run on run.session_id = md5('session ' || 1 + n % (25 * SCALE))::uuid;

insert into trajectories (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, error_message, started_at, expires_at)
select run.agent_type, md5('episode ' || n)::uuid, run.session_id, 'task ' || n, '{"step": 0}', '{"step": 2}',
       '["look", "write"]', case when n % 2 = 0 then '[{"s": 0}, {"s": 1}]'::jsonb else '[{"s": 0}, {"s": 1}, {"s": 2}]' end,
       '[0.5, 0.25]', 0.75, 0.7375, n % 10000, n % 3 = 0, case when n % 3 = 1 then 'no coverage' end,
       now() - n * interval '1 second', now() + interval '30 days'
  from generate_series(1, 100 * SCALE) as n
  join sessions as run on run.session_id = md5('session ' || 1 + n % (25 * SCALE))::uuid;

insert into rewards (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, reward_type, reward_source)
select episode.agent_type, episode.session_id, episode.trajectory_id, md5('s' || n), md5('a' || n), n / 9.0 - 50,
       (array['immediate', 'delayed', 'terminal'])[1 + n % 3], 'coverage'
  from generate_series(1, 325 * SCALE) as n
  join trajectories as episode on episode.trajectory_id = md5('episode ' || 1 + n % (100 * SCALE))::uuid;

insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, usage_count, success_count, failure_count, avg_reward, confidence_score, version, parent_pattern_id)
select kind, md5('pattern ' || n)::uuid, 'pattern ' || (n - 1) / 2, 'strategy', 'unit', jsonb_build_object('template', 'test {name}', 'n', n),
       '{"complexity": {"$lt": 5}, "coverage": {"$lt": 0.8}}', n % 30, n % 20, n % 10, n / 11.0, 0.75, 1 + (n - 1) % 2,
       case when n % 2 = 0 then md5('pattern ' || n - 1)::uuid end
  from generate_series(1, 40 * SCALE) as n, lateral (select agent_type from agent_types order by agent_type offset ((n - 1) / 2) % 18 limit 1) as kind (kind);

insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, q_values_stored, status)
select kind, kind || '-' || n, n, n / 3, n - n / 3, n * 1.5, 1.5, 0.15, 0.1, n * 10,
       (array['idle', 'active', 'learning', 'paused', 'error'])[1 + n % 5]
  from generate_series(1, 10 * SCALE) as n, lateral (select agent_type from agent_types order by agent_type offset n % 18 limit 1) as kind (kind);
