insert into agent_types (agent_type, display_name, description, initial_q_value, metadata)
values ('own-agent', E'Tab\there, back\\slash, "quotes" and \u00e9\U0001F600', '', -0.0, null);
update agent_types set retention_days = 7 where agent_type = 'quality-gate';

insert into sessions (agent_type, session_id, session_name, total_reward, end_time, metadata)
values ('own-agent', '00000000-0000-0000-0000-000000000001', '', -0.0, 'infinity', '[]'),
       ('own-agent', '00000000-0000-0000-0000-000000000002', null, 1e308, null, 'null'),
       ('test-generator', '00000000-0000-0000-0000-000000000001', E'line\nbreak', 5e-324,
        '0044-03-15 12:00:00.000001 BC', '{}');

insert into trajectories (
    agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken,
    states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success,
    seed, exploration_rate, priority, sample_key, error_message, started_at, completed_at, expires_at
)
values ('own-agent', '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000001',
        'one', '{"x": 1.10}', 'null', '["a", {"b": []}]', '[0, 1, {}]', '[0.1, -0]', 0.1, 0.30000000000000004,
        12, true, 9223372036854775807, 0.1, 5e-324, 0, E'a\\nb\r\n\t\b\f', '2026-01-02 03:04:05.678901+05:30',
        '2026-01-02 03:04:05.000001', '2026-02-02'),
       ('test-generator', '00000000-0000-0000-0000-00000000000a', null,
        'two', '[]', '""', '[]', '[]', '[]', 0, -0.0, 0, false, null, null, 1e300, 0.9999999999999999,
        null, '0001-01-01', '9999-12-31 23:59:59.999999', null);

insert into q_values (
    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count,
    confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata
)
select agent.name, null, 'state ' || number, document.value, 'action', document.value,
       (array [-0.0, 5e-324, 1.7976931348623157e308, 0.1, 1.0 / 3, -2.2250738585072014e-308])[1 + number % 6],
       number, 0.1, 1, case when number % 2 = 0 then -0.0 end,
       '2026-01-01 00:00:00.000001'::timestamptz + number * interval '1 microsecond',
       '2026-01-01 00:00:00.999999', case when number % 3 = 0 then 'infinity'::timestamptz end,
       case when number % 2 = 0 then document.value end
  from (values ('own-agent'), ('test-generator'), ('security-scanner')) as agent (name)
 cross join (
       values (0, 'null'::jsonb), (1, '[]'), (2, '{}'), (3, '""'), (4, '"null"'), (5, '0'), (6, 'false'),
              (7, '1.10'), (8, '12345678901234567890123456789.000000000000000000001'), (9, '1e400'),
              (10, '{"a": {"b": [null, {"c": "\u0001 \\ \" / \u2028 \ud83d\ude00"}]}, "": ""}'),
              (11, '"\\\\n"'), (12, '[[[[]]]]'), (13, '-0.0')
       ) as document (number, value);
update q_values set session_id = '00000000-0000-0000-0000-000000000002'
 where agent_type = 'own-agent' and state_hash = 'state 3';

insert into rewards (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_source)
select 'own-agent', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-00000000000a',
       'state', 'action', number * 0.1, nullif(number, 3), nullif(repeat('x', number), '')
  from generate_series(0, 5) as number;

-- each pattern was made from the one that is written after it, and two from each other
insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data, trigger_conditions, expected_outcome)
select 'own-agent', ('00000000-0000-0000-0000-0000000001' || lpad(number::text, 2, '0'))::uuid, 'p' || number,
       'test', '{}', case when number = 1 then 'null'::jsonb when number = 2 then '{}' end, null
  from generate_series(1, 9) as number;
update patterns
   set parent_pattern_id = ('00000000-0000-0000-0000-0000000001'
                            || lpad(case when pattern_name = 'p9' then '8' else (substr(pattern_name, 2)::int + 1)::text end, 2, '0'))::uuid;

insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, current_exploration_rate, current_learning_rate, lookups)
values ('own-agent', 'one', 3, 1, 0.1, 0, 9223372036854775807), ('own-agent', 'two', 0, 0, 1, 1, 0);
