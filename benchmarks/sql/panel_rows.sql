-- $1 pairs, spread evenly over the agent types as agents would meet them: 8 actions a state, 200
-- sessions an agent type, a tenth of the pairs without one, and visits as uneven as in real life.
with fleet as (
    select array_agg(t.agent_type order by t.agent_type) as names from public.agent_types as t
),
made as (
    insert into public.sessions (agent_type, session_name, start_time)
    select name, 'night run ' || n, now() - n * interval '1 hour'
      from fleet, unnest(fleet.names) as name, generate_series(1, 200) as n
    returning agent_type, session_id
),
of_agent as (
    select agent_type, array_agg(session_id) as ids from made group by agent_type
),
numbered as (
    select fleet.names[1 + n / 8 % cardinality(fleet.names)] as agent_type,
           n / 8 / cardinality(fleet.names) as state,
           n % 8 as action,
           n
      from fleet, generate_series(0, $1::integer - 1) as n
)
insert into public.q_values
       (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value,
        visit_count, confidence_score, td_error, last_updated, expires_at)
select p.agent_type,
       case when p.n % 10 > 0 then s.ids[1 + p.state % 200] end,
       encode(sha256(convert_to(p.agent_type || p.state, 'UTF8')), 'hex'),
       jsonb_build_object(
           'branch', format('feature/%s/ticket-%s', p.agent_type, lpad(p.state::text, 7, '0')),
           'complexity', p.state % 97,
           'coverage_percent', p.state * 7 % 101,
           'framework', 'pytest-asyncio',
           'module', format('services/%s/module_%s.py', p.agent_type, p.state / 20),
           'recent_failures', p.state % 5
       ),
       encode(sha256(convert_to('action' || p.action, 'UTF8')), 'hex'),
       jsonb_build_object('action', format('generate_%s_test',
           (array['boundary', 'property', 'mutation', 'snapshot',
                  'fuzz', 'contract', 'smoke', 'load'])[1 + p.action])),
       round((20 * random() - 10)::numeric, 6),
       floor(exp(8 * random()))::integer,
       round(random()::numeric, 2),
       case when p.n % 3 > 0 then random() - 0.5 end,
       now() - random() * interval '30 days',
       now() + interval '30 days'
  from numbered as p
  join of_agent as s using (agent_type)
