-- What clients of the original send: its guide's, its library, its documented SQL and supabase-js.
-- A step is headed by `step:`; `rows:` is how many rows it must answer, and `why:` is why it fails where
-- it does. A step with `upsert:` is a row, which is written as PostgREST does it: by the primary key, or
-- by the columns that the client names.

-- step: `upsert_q_value()`, seven arguments
-- rows: 1
select upsert_q_value('test-generator', 'abc123', '{"module": "auth"}', 'def456', '{"action": "generate_unit_test"}', 0.75, null);

-- step: `upsert_q_value()`, six arguments
-- rows: 1
select upsert_q_value('test-generator', 'abc123', '{"module": "auth", "coverage": 0.65}', 'def456', '{"action": "generate_unit_test"}', 0.85);

-- step: insert a session
insert into sessions (session_id, agent_type, session_name, status, environment, metadata)
values ('00000000-0000-0000-0000-000000000001', 'test-generator', 'Auth module', 'active', 'development', '{"module": "auth"}');

-- step: `upsert_q_value()` with a session
-- rows: 1
select upsert_q_value('test-generator', 'abc123', '{"module": "auth"}', 'ghi789', '{"action": "generate_integration_test"}', 0.5, '00000000-0000-0000-0000-000000000001');

-- step: `get_best_action()`
-- rows: 1
select action_data, q_value, confidence_score from get_best_action('test-generator', 'abc123');

-- step: `.rpc('get_best_action')`
-- rows: 1
select * from get_best_action(p_agent_type => 'test-generator', p_state_hash => 'abc123');

-- step: value of one pair
-- rows: 1
select q_value from q_values where agent_type = 'test-generator' and state_hash = 'abc123' and action_hash = 'def456';

-- step: all pairs of a state, the best first
-- rows: 2
select action_data, q_value from q_values where agent_type = 'test-generator' and state_hash = 'abc123' order by q_value desc;

-- step: pairs by a part of their document
-- rows: 2
select * from q_values where state_data @> '{"module": "auth"}';

-- step: plan of a look-up
-- rows: 1
explain analyze select * from q_values where agent_type = 'test-generator' and state_hash = 'abc123';

-- step: `set app.agent_type`, then the state's pairs
-- rows: 2
set app.agent_type = 'test-generator';
select * from q_values where state_hash = 'abc123';

-- step: `.upsert()` of a pair
-- upsert: q_values on agent_type, state_hash, action_hash
{"agent_type": "test-generator", "state_hash": "abc123", "state_data": {"module": "auth"}, "action_hash": "def456", "action_data": {"action": "generate_unit_test"}, "q_value": 0.9, "visit_count": 3};

-- step: a pair without documents, averaged where it is there
-- why: own fault: documents must not be null
insert into q_values (agent_type, state_hash, action_hash, q_value) values ('test-generator', 'abc', '123', 0.5)
on conflict (agent_type, state_hash, action_hash) do update set q_value = (q_values.q_value + excluded.q_value) / 2;

-- step: a pair of another agent type
-- rows: 1
-- why: guarantee: a connection writes rows of one agent type; an orchestrator names the other one first
select upsert_q_value('security-scanner', 'abc123', '{}', 'def456', '{}', 0.75);

-- step: a value that is no number
-- rows: 1
-- why: guarantee: values are finite
select upsert_q_value('test-generator', 'nan', '{}', 'def456', '{}', 'NaN');

-- step: delete the pairs of a state
-- why: guarantee: agents delete by `delete_rows()` alone
delete from q_values where state_hash = 'test_state_hash';

-- step: end a session, with `updated_at`
update sessions set end_time = now(), status = 'completed', task_count = 3, total_reward = 1.5, updated_at = now()
 where session_id = '00000000-0000-0000-0000-000000000001';

-- step: `.upsert()` of a session
-- upsert: sessions
{"session_id": "00000000-0000-0000-0000-000000000002", "agent_type": "test-generator", "session_name": "Run 2", "status": "active", "environment": "development", "metadata": {}, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"};

-- step: sample data, `on conflict (session_id) do nothing`
-- why: guarantee: keys begin with the agent type, so that no agent learns of another's; `on conflict do nothing` alone passes
insert into sessions (session_id, agent_type, status) values ('00000000-0000-0000-0000-000000000003', 'test-generator', 'active')
on conflict (session_id) do nothing;

-- step: `store_trajectory()` of its library
-- why: own fault: one parameter is used as two types
prepare store_trajectory as
insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at)
values ($1, $2, '{}', '{}', '[]', '[]', '[]', 0, 0, $3, true, now() - interval '1 second' * ($3::float / 1000));

-- step: insert an episode, as the Node client does
insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at, completed_at)
values ('test-generator', '00000000-0000-0000-0000-000000000001', 'task-1', '{"coverage": 0.5}', '{"coverage": 0.75}', '[{"action": "a"}, {"action": "b"}]', '[{"coverage": 0.5}, {"coverage": 0.65}, {"coverage": 0.75}]', '[0.5, 0.3]', 0.8, 0.785, 1500, true, now(), now());

-- step: the documented episode, of one action and two rewards
-- why: guarantee: as many rewards as actions; adoption corrects what was stored so
insert into trajectories (agent_type, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at, completed_at)
values ('test-generator', '00000000-0000-0000-0000-000000000001', 'task-123', '{"coverage": 0.5}', '{"coverage": 0.75}', '[{"action": "generate_test"}]', '[{"coverage": 0.5}, {"coverage": 0.75}]', '[0.5, 0.25]', 0.75, 0.7375, 1500, true, now(), now());

-- step: episodes by `unnest()` of arrays
insert into trajectories (agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at, completed_at, expires_at)
select * from unnest(
    array['test-generator', 'test-generator']::varchar[], array['task-2', 'task-3']::varchar[], array['{}', '{}']::jsonb[], array['{}', '{}']::jsonb[],
    array['[1]', '[1]']::jsonb[], array['[1]', '[1, 2]']::jsonb[], array['[1]', '[2]']::jsonb[], array[1, 2]::decimal[], array[1, 2]::decimal[],
    array[5, 6]::int[], array[true, false], array[now(), now()], array[now(), now()], array[now() + interval '30 days', null]::timestamptz[]
);

-- step: recent episodes
-- rows: 3
select trajectory_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, execution_time_ms, success, completed_at, metadata
  from trajectories where agent_type = 'test-generator' order by completed_at desc limit 100;

-- step: `.upsert()` of an episode
-- upsert: trajectories
{"trajectory_id": "00000000-0000-0000-0000-000000000004", "agent_type": "test-generator", "task_id": "task-4", "initial_state": {}, "final_state": {}, "actions_taken": [1], "states_visited": [1], "step_rewards": [1], "total_reward": 1, "discounted_reward": 1, "execution_time_ms": 5, "success": true, "started_at": "2026-01-01T00:00:00Z"};

-- step: insert a reward
insert into rewards (agent_type, session_id, state_hash, action_hash, reward_value, reward_type, reward_source, observed_at)
values ('test-generator', '00000000-0000-0000-0000-000000000001', 'abc123', 'def456', 0.5, 'immediate', 'test_passed', now());

-- step: rewards by `unnest()` of arrays
insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type)
select * from unnest(array['test-generator', 'test-generator']::varchar[], array['abc123', 'abc123']::varchar[], array['def456', 'ghi789']::varchar[], array[0.5, -1]::decimal[], array['delayed', 'terminal']::varchar[]);

-- step: `.upsert()` of a reward
-- upsert: rewards
{"agent_type": "test-generator", "state_hash": "abc123", "action_hash": "def456", "reward_value": 1, "reward_type": "terminal"};

-- step: a reward of an unknown type
-- why: guarantee: a reward is immediate, delayed, terminal or shaping
insert into rewards (agent_type, state_hash, action_hash, reward_value, reward_type) values ('test-generator', 'abc123', 'def456', 0.5, 'bonus');

-- step: insert a pattern
insert into patterns (agent_type, pattern_name, pattern_type, pattern_data, trigger_conditions, expected_outcome)
values ('test-generator', 'api_validation', 'test_template', '{"template": "def test_{}(): pass"}', '{"complexity": {"$lt": 5}}', '{"test_passes": true}');

-- step: count a use of a pattern
update patterns set usage_count = usage_count + 1, success_count = success_count + 1, avg_reward = 0.65, last_used = now()
 where agent_type = 'test-generator' and pattern_name = 'api_validation';

-- step: `.upsert()` of a pattern
-- upsert: patterns on agent_type, pattern_name, version
{"agent_type": "test-generator", "pattern_name": "api_validation", "version": 1, "pattern_type": "test_template", "pattern_data": {"template": "x"}, "usage_count": 2, "avg_reward": 0.7};

-- step: patterns by a name like this one
-- rows: 1
-- why: guarantee: extensions have a schema of their own, which is closed to agents; see below
select pattern_name, similarity(pattern_name, 'api_validtion') from patterns where pattern_name % 'api_validtion' order by 2 desc limit 10;

-- step: `update_agent_state()` of its library, twice
insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, status, last_activity)
values ('test-generator', 'test-generator-1', 1, 1, 0, 0.5, 0.5, 0.2, 0.1, 'active', now())
on conflict (agent_type, agent_instance_id) do update set total_tasks = 1, successful_tasks = 1, last_activity = now(), updated_at = now();
insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, status, last_activity)
values ('test-generator', 'test-generator-1', 2, 1, 1, 0.5, 0.25, 0.19, 0.1, 'active', now())
on conflict (agent_type, agent_instance_id) do update set total_tasks = 2, successful_tasks = 1, failed_tasks = 1, total_reward = 0.5, avg_reward = 0.25,
    current_exploration_rate = 0.19, current_learning_rate = 0.1, last_activity = now(), updated_at = now();

-- step: count a task of an instance
insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate)
values ('test-generator', 'test-generator-1', 1, 1, 0.85, 0.85, 0.15, 0.10)
on conflict (agent_type, agent_instance_id) do update set total_tasks = agent_states.total_tasks + 1, successful_tasks = agent_states.successful_tasks + excluded.successful_tasks,
    total_reward = agent_states.total_reward + excluded.total_reward, avg_reward = (agent_states.total_reward + excluded.total_reward) / (agent_states.total_tasks + 1), last_activity = now();

-- step: `.upsert()` of an instance
-- upsert: agent_states on agent_type, agent_instance_id
{"agent_type": "test-generator", "agent_instance_id": "test-generator-2", "total_tasks": 0, "current_exploration_rate": 0.2, "current_learning_rate": 0.1, "status": "learning", "updated_at": "2026-01-01T00:00:00Z"};

-- step: parameters of an agent type
-- rows: 1
select agent_type, learning_rate, discount_factor, exploration_rate, min_exploration_rate, exploration_decay, is_active, metadata from agent_types where agent_type = 'test-generator';

-- step: `refresh_materialized_views()`
-- rows: 1
select refresh_materialized_views();

-- step: `agent_performance_summary`, every column
-- rows: 1
select agent_type, display_name, total_sessions, total_trajectories, successful_trajectories, avg_reward, cumulative_reward, avg_execution_time_ms, unique_patterns, avg_state_visits, last_active, active_instances
  from agent_performance_summary order by avg_reward desc;

-- step: `pattern_effectiveness`, every column
-- rows: 1
select pattern_id, agent_type, pattern_name, pattern_type, usage_count, success_count, failure_count, success_rate, avg_reward, confidence_score, trajectories_using_pattern, avg_trajectory_reward, last_used, days_since_used
  from pattern_effectiveness order by success_rate desc limit 10;

-- step: `cleanup_expired_data()`
-- rows: 3
select table_name, deleted_count from cleanup_expired_data();

-- step: `get_learning_statistics()` of its library
-- why: own fault: no script of its makes the tables that it reads
select id from q_tables where agent_id = 'test-generator' and scope = 'individual';

-- step: sizes of tables
-- rows: 7
select tablename, pg_size_pretty(pg_total_relation_size(schemaname || '.' || tablename)) from pg_tables where schemaname = 'public' order by 1;

-- step: slowest statements
-- why: own fault: nothing makes the extension pg_stat_statements
select query, calls, mean_exec_time, max_exec_time from pg_stat_statements order by mean_exec_time desc limit 10;

-- step: switch on row-level security, with the guide's policies
-- why: guarantee: only the owner changes tables; `confined` holds under these policies, too
alter table q_values enable row level security;
create policy agent_isolation_q_values on q_values for all using (agent_type = current_setting('app.agent_type')::varchar);
create policy analytics_read_all on trajectories for select to analytics_role using (true);
