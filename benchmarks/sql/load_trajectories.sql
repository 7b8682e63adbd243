-- Episodes of five steps, numbered from $1 up to $2, evenly by agent type.
insert into trajectories (
    agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, started_at, completed_at
)
select kind.agent_type, 'task-' || number, visited.states -> 0, visited.states -> 5,
       '[{"action": 0}, {"action": 3}, {"action": 1}, {"action": 2}, {"action": 0}]',
       visited.states,
       jsonb_build_array(0, 0, 0, 0, number % 7),
       number % 7, number % 7 * 0.81, 20, number % 7 > 2, now() - number * interval '1 second',
       now() - number * interval '1 second' + interval '20 ms'
  from generate_series($1::integer, $2::integer - 1) as number
  join (select agent_type, row_number() over (order by agent_type) - 1 as position from agent_types)
       as kind on kind.position = number % 18
 cross join lateral (
       select jsonb_agg(jsonb_build_object(
                  'module', 'services/' || kind.agent_type || '/module_' || (number * 31 + step) % 9973,
                  'complexity', (number + step) % 97, 'coverage_percent', number * 7 % 101,
                  'recent_failures', step, 'framework', 'pytest-asyncio'
              ) order by step) as states
         from generate_series(0, 5) as step
       ) as visited;
