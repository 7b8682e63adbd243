-- Every value that the original takes and qlmodels refuses. "kept" and "out" say what should come of it.
insert into agent_types (agent_type, display_name, learning_rate, state_space_dimensions) values
    ('Old_Name', 'out', 0.1, 10), ('eager', 'kept', 1.5, 0);
insert into agent_types (agent_type, display_name, exploration_rate) values ('lost', 'kept', 'NaN');
insert into sessions (agent_type, session_id, session_name, task_count, total_reward, environment) values
    ('Old_Name', md5('of the old')::uuid, 'out', 0, 0, 'development'),
    ('eager', md5('of the eager')::uuid, 'kept', -1, null, null),
    ('lost', md5('of the lost')::uuid, 'kept', 3, 'NaN', 'production');
insert into q_values (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty) values
    ('eager', md5('of the lost')::uuid, 'kept, other session', '{}', 'a', '{}', 1, 1, 0.5, 0.5),
    ('eager', md5('of the eager')::uuid, 'kept', '{}', 'a', '{}', 1, -5, 1.2, -0.3),
    ('eager', null, 'kept, no rates', 'null', 'a', '[1]', 1, 1, null, 'NaN'),
    ('eager', null, 'out, no number', '{}', 'a', '{}', 'NaN', 1, 0.5, 0.5),
    ('Old_Name', null, 'out', '{}', 'a', '{}', 1, 1, 0.5, 0.5);
insert into trajectories (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at) values
    ('eager', md5('lengths')::uuid, null, 'out, lengths', '{}', '{}', '[1, 2]', '[1, 2]', '[1]', 1, 1, 1, true, now()),
    ('eager', md5('states')::uuid, null, 'out, states', '{}', '{}', '[1]', '[1, 2, 3]', '[1]', 1, 1, 1, true, now()),
    ('eager', md5('object')::uuid, null, 'out, object', '{}', '{}', '{"a": 1}', '[]', '[]', 1, 1, 1, true, now()),
    ('eager', md5('first')::uuid, null, 'kept, first reward is 0', '{}', '{}', '[1]', '[1, 2]', '[0, 0.5]', 0.5, 0.5, 1, true, now()),
    ('eager', md5('last')::uuid, null, 'kept, last reward is 0', '{}', '{}', '[1]', '[1, 2]', '[0.5, 0]', 0.5, 0.5, 1, true, now()),
    ('eager', md5('sum')::uuid, null, 'kept, rewards of states', '{}', '{}', '[1, 2]', '[1, 2, 3]', '[0.1, 0.2, 1]', 1.3, 1.3, 1, true, now()),
    ('eager', md5('other sum')::uuid, null, 'out, another total', '{}', '{}', '[1]', '[1, 2]', '[0.1, 0.2]', 7, 7, 1, true, now()),
    ('eager', md5('words')::uuid, null, 'out, words', '{}', '{}', '[1]', '[1, 2]', '["a", "b"]', 1, 1, 1, true, now()),
    ('eager', md5('nan')::uuid, null, 'out, NaN', '{}', '{}', '[1]', '[1]', '[1]', 'NaN', 1, 1, true, now()),
    ('eager', md5('before')::uuid, md5('of the lost')::uuid, 'kept', '{}', '{}', '[1]', '[1]', '[1]', 1, 1, -20, true, now());
insert into rewards (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, reward_type) values
    ('eager', null, null, 'kept, spelling', 'a', 1, ' Terminal'),
    ('eager', null, null, 'out, type', 'a', 1, 'bonus'),
    ('eager', null, null, 'out, NaN', 'a', 'NaN', 'immediate'),
    ('eager', md5('of the lost')::uuid, md5('lengths')::uuid, 'kept, references', 'a', 1, 'delayed');
insert into patterns (agent_type, pattern_id, pattern_name, pattern_type, pattern_data, usage_count, avg_reward, confidence_score, version, parent_pattern_id) values
    ('eager', md5('zero')::uuid, 'out, version', 'strategy', '{}', 0, 0, 0.5, 0, null),
    ('eager', md5('child')::uuid, 'kept, child', 'strategy', '{}', -1, null, 1.5, 1, md5('zero')::uuid),
    ('lost', md5('other')::uuid, 'kept, other parent', 'strategy', '{}', 0, 'NaN', null, 1, md5('child')::uuid);
insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, current_exploration_rate, current_learning_rate) values
    ('eager', 'kept', -1, 0, -2, 'NaN', 1.5, 'NaN');
