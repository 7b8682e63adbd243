-- How many rows of each table the transaction sees; at most :most of each are counted.
select 'agent_types' as table_name, count(*) as rows
  from (select from public.agent_types limit :most) as seen
union all
select 'sessions', count(*) from (select from public.sessions limit :most) as seen
union all
select 'q_values', count(*) from (select from public.q_values limit :most) as seen
union all
select 'trajectories', count(*) from (select from public.trajectories limit :most) as seen
union all
select 'rewards', count(*) from (select from public.rewards limit :most) as seen
union all
select 'patterns', count(*) from (select from public.patterns limit :most) as seen
union all
select 'agent_states', count(*) from (select from public.agent_states limit :most) as seen
