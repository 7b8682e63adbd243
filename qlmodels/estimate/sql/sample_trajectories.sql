-- Episodes $1 up to $2: fifteen steps through states of six features.
insert into qlmodels_private.sample_trajectories (
    agent_type, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards,
    total_reward, discounted_reward, execution_time_ms, success, started_at, completed_at, expires_at
)
select fleet.names[1 + number % fleet.agents], 'task-' || (random() * 1e9)::integer,
       walk.states -> 0, walk.states -> 15, played.actions, walk.states, played.rewards,
       random(), random(), 20, true, moment.at, moment.at, moment.at + interval '30 days'
  from generate_series($1::integer, $2::integer - 1) as number
 cross join (select array_agg(agent_type order by agent_type) as names, count(*) as agents from public.agent_types) as fleet
 cross join lateral (
       select jsonb_agg(jsonb_build_object(
                  'branch', format('feature/%s/ticket-%s', fleet.names[1 + number % fleet.agents], lpad(met.place::text, 7, '0')),
                  'complexity', met.place % 97,
                  'coverage_percent', met.place * 7 % 101,
                  'framework', 'pytest-asyncio',
                  'module', format('services/%s/handlers/module_%s.py', fleet.names[1 + number % fleet.agents], lpad(met.place::text, 7, '0')),
                  'recent_failures', met.place % 5
              )) as states
         from (
              select abs(hashint4(number * 16 + step)) % 5000 as place from generate_series(0, 15) as step
              ) as met
       ) as walk
 cross join lateral (
       select jsonb_agg(jsonb_build_object('action', format('generate_%s_test', (
                  array ['boundary', 'property', 'mutation', 'snapshot', 'fuzz', 'contract', 'smoke', 'load']
              )[1 + abs(hashint4(number * 15 + step)) % 8]))) as actions,
              jsonb_agg(round((random() * 2 - 1)::numeric, 4)) as rewards
         from generate_series(1, 15) as step
       ) as played
 cross join lateral (select now() + number * interval '1 second' as at) as moment
