-- 5,000 rows of values that the original admits and hardly anybody expects: texts, documents, numbers
-- and moments of the ends of their types, in combinations. Lists of coprime lengths make them.
create function pick(list anyarray, n bigint) returns anyelement language sql immutable as
    'select list[1 + n % cardinality(list)]';

create temporary table odd as select
    array['', ' ', 'NULL', '''', '"', '\', E'\n', E'\t', 'ä', 'ä', '😀', 'Ω≠', '日本', E'\u202e', '%s', '{}', '\N', E'\x01', '../..']::text[] as texts,
    array['null', 'true', '0', '1', '1.0', '-0.0', '1e400', '123456789012345678901234567890.5', '1e-400', '""', '"😀"', '"ä"', '"ä"', '[]', '{}', '{"": ""}', '{"a": null}', '[[[]]]', '{"a b": [1, 1.0, "1"]}', '{"hash": "x", "action": "unknown"}', '{"state_tuple": ["x", 0.5]}', '{"state_tuple": 1}', '{"adopted": {"adopted": 1}}']::jsonb[] as documents,
    array[0, 1, -1, 2147483647, -2147483648, 7, 1000000]::int[] as integers,
    array[0, 0.5, 1, -1, 9.9999, -9.9999, 0.0001, 1.0001, 'NaN', null, 0.3333]::numeric(5,4)[] as rates,
    array[0, 99999999.9999, -99999999.9999, 0.0001, 'NaN', 1.5, null, 12345678.9, -0.0001]::numeric(12,4)[] as sums,
    array['epoch', '-infinity', 'infinity', '4713-01-01 00:00:00+00 BC', '294276-12-31 23:59:59.999999+00', '2024-02-29 12:00+00', '1900-01-01 00:00:00.000001+00', '0001-01-01 00:00:00+00', '9999-12-31 23:59:59+00', null, now() - interval '400 days', now() - interval '1 day', now() + interval '1 hour']::timestamptz[] as moments;

insert into agent_types (agent_type, display_name, description, state_space_dimensions, action_space_dimensions, learning_rate, discount_factor, exploration_rate, min_exploration_rate, exploration_decay, is_active, created_at, updated_at, metadata)
select case when n < 20 then pick(texts, n) || pick(array['', 'a', 'A', '1', 'a b'], n / 4) || n
            else 'odd-' || n end,
       pick(texts, n), nullif(pick(texts, n + 3), ' '), pick(integers, n), pick(integers, n + 2),
       coalesce(pick(rates, n), 0.1), coalesce(pick(rates, n + 1), 0.9), coalesce(pick(rates, n + 2), 0.2), coalesce(pick(rates, n + 3), 0.01), coalesce(pick(rates, n + 4), 0.9),
       n % 3 > 0, coalesce(pick(moments, n), now()), coalesce(pick(moments, n + 5), now()), pick(documents, n)
  from odd, generate_series(0, 59) as n;
create temporary table kinds as select agent_type, row_number() over (order by agent_type) - 1 as n from agent_types;
create function kind(n bigint) returns varchar language sql stable as
    'select agent_type from kinds where kinds.n = kind.n % (select count(*) from kinds)';

insert into sessions (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, metadata, created_at, updated_at)
select kind(n), md5('odd session ' || n)::uuid, nullif(pick(texts, n), ' '), coalesce(pick(moments, n), now()), pick(moments, n / 2), pick(array['active', 'completed', 'failed', 'cancelled'], n / 3),
       pick(integers, n), pick(sums, n), nullif(left(pick(texts, n / 5), 50), ' '), pick(documents, n / 7), coalesce(pick(moments, n + 1), now()), coalesce(pick(moments, n + 2), now())
  from odd, generate_series(0, 499) as n;

insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, last_updated, confidence_score, uncertainty, created_at, expires_at, metadata)
select kind(n), case when n % 4 > 0 then md5('odd session ' || n * 7 % 700)::uuid end,
       left(pick(texts, n) || pick(array[md5(n::text), upper(md5(n::text)), repeat('x', 64), repeat('😀', 60) || n, n::text], n / 19), 60) || n % 1000, pick(documents, n),
       left(pick(texts, n / 2) || n, 64), pick(documents, n / 3),
       coalesce(pick(array[0, 999999.999999, -999999.999999, 0.000001, 'NaN', 1, -5]::numeric(12,6)[], n), 0), pick(integers, n / 2), coalesce(pick(moments, n), now()),
       pick(rates, n), pick(rates, n / 3), coalesce(pick(moments, n / 4), now()), pick(moments, n / 5), pick(documents, n / 2)
  from odd, generate_series(0, 1999) as n
 where n * 7 % 700 < 500 or n % 4 = 0
on conflict do nothing;

insert into trajectories (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, error_message, started_at, completed_at, expires_at, metadata)
select kind(n), md5('odd episode ' || n)::uuid, case when n % 3 > 0 then md5('odd session ' || n % 500)::uuid end, left(pick(texts, n) || n, 100), pick(documents, n), pick(documents, n + 1),
       case when n % 4 = 0 then pick(array['[]', '[1]', '["a", null]', 'null', '{"0": 1}', '[1, 2, 3]', '"x"']::jsonb[], n) else jsonb_build_array(pick(documents, n)) end,
       case when n % 4 = 0 then pick(array['[1, 2]', '[]', '[null]', '[1, 2, 3]', '{}', '[[], {}, 1, 2]']::jsonb[], n / 2) else jsonb_build_array(pick(documents, n), pick(documents, n / 2)) end,
       pick(array['[0]', '[-1e308]', '[1]', '[0.5, 0]', '[1e400]', '["1"]', '[null, 1]', '[0.25]', '[0, 1, 2, 3]', '[1e308, 1e308]', '1']::jsonb[], n / 3),
       coalesce(pick(sums, n), 0), coalesce(pick(sums, n / 2), 0), pick(integers, n), n % 2 = 0, nullif(pick(texts, n / 2), ' '), coalesce(pick(moments, n), now()), coalesce(pick(moments, n / 2), now()), pick(moments, n / 3), pick(documents, n / 4)
  from odd, generate_series(0, 999) as n;

insert into rewards (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, reward_type, reward_source, observed_at, metadata)
select kind(n), case when n % 3 > 0 then md5('odd session ' || n % 500)::uuid end, case when n % 5 > 0 then md5('odd episode ' || n % 1000)::uuid end, left(pick(texts, n) || n, 64), left(pick(texts, n / 2), 64),
       coalesce(pick(sums, n), 0), pick(array['immediate', 'DELAYED', ' terminal ', 'shaping', 'bonus', '', E'immediate\n', 'Terminal', 'ïmmediate'], n / 2), nullif(pick(texts, n / 4), ' '), coalesce(pick(moments, n), now()), pick(documents, n)
  from odd, generate_series(0, 999) as n;

insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, metadata)
select kind(n), md5('odd pattern ' || n)::uuid, left(pick(texts, n) || n % 50, 200), pick(texts, n), nullif(pick(texts, n / 2), ' '), pick(documents, n), nullif(pick(documents, n / 2), '0'), nullif(pick(documents, n / 3), '1'),
       pick(integers, n), pick(integers, n / 2), pick(integers, n / 3), pick(sums, n), pick(rates, n), coalesce(pick(moments, n), now()), pick(moments, n / 2), pick(moments, n / 3), pick(array[1, 2, 0, -1, 2147483647], n), pick(documents, n / 5)
  from odd, generate_series(0, 299) as n
on conflict do nothing;
update patterns set parent_pattern_id = pattern_id where usage_count = 7;
update patterns as pattern set parent_pattern_id = (select pattern_id from patterns as other where other.pattern_id > pattern.pattern_id order by pattern_id limit 1) where usage_count in (0, 1);
update patterns as pattern set parent_pattern_id = (select min(pattern_id::text)::uuid from patterns) where usage_count = 1000000;

insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, status, last_activity, initialized_at, updated_at, metadata)
select kind(n), left(pick(texts, n) || n, 100), pick(array[0, 1, -1, 2147483647, -2147483648], n), pick(array[0, 1, -9, 9, 2], n / 2), pick(integers, n / 3), coalesce(pick(sums, n), 0), coalesce(pick(sums, n / 2), 0),
       coalesce(pick(rates, n), 0), coalesce(pick(rates, n / 2), 0), pick(integers, n), pick(integers, n / 2), pick(array['idle', 'active', 'learning', 'paused', 'error'], n), coalesce(pick(moments, n), now()), coalesce(pick(moments, n / 2), now()), coalesce(pick(moments, n / 3), now()), pick(documents, n)
  from odd, generate_series(0, 299) as n;
-- What an agent learned: 100 states of three actions each, under hashes that no rule gives.
insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, q_value, visit_count)
select 'test-generator', left(pick(texts, state) || '-' || state, 64), jsonb_build_object('state', state, 'odd', pick(documents, state)),
       left(pick(texts, action) || action, 64), jsonb_build_object('action', action, 'odd', pick(documents, action + 3)), (state + action) % 3 - 1, 1
  from odd, generate_series(0, 99) as state, generate_series(0, 2) as action;
drop table odd, kinds;
drop function kind, pick;
