-- Pairs $1 up to $2: eight actions in each state, states of six features, evenly by agent.
insert into qlmodels_private.sample_q_values (
    agent_type, state_hash, state_data, action_hash, action_data, q_value, expires_at
)
select met.agent_type, encode(sha256(convert_to(met.state::text, 'UTF8')), 'hex'), met.state,
       encode(sha256(convert_to(chosen.action::text, 'UTF8')), 'hex'), chosen.action,
       random() * 20 - 10, now() + interval '30 days'
  from generate_series($1::integer / 8, $2::integer / 8 - 1) as number
 cross join (select array_agg(agent_type order by agent_type) as names, count(*) as agents from public.agent_types) as fleet
 cross join lateral (
       select fleet.names[1 + number % fleet.agents] as agent_type,
              jsonb_build_object(
                  'branch', format('feature/%s/ticket-%s', fleet.names[1 + number % fleet.agents], lpad((number / fleet.agents)::text, 7, '0')),
                  'complexity', number / fleet.agents % 97,
                  'coverage_percent', number / fleet.agents * 7 % 101,
                  'framework', 'pytest-asyncio',
                  'module', format('services/%s/handlers/module_%s.py', fleet.names[1 + number % fleet.agents], lpad((number / fleet.agents)::text, 7, '0')),
                  'recent_failures', number / fleet.agents % 5
              ) as state
       ) as met
 cross join lateral (
       select jsonb_build_object('action', format('generate_%s_test', name)) as action
         from unnest(array ['boundary', 'property', 'mutation', 'snapshot', 'fuzz', 'contract', 'smoke', 'load']) as name
       ) as chosen
