-- What a term may mean, at most :most rows a kind: each kind is read from an index within each agent
-- type, or from so many rows of it. A uuid is between :low and :high, which are null for a term that
-- is no beginning of one, as :hash is for what begins no hash.
with kind as (
    select agent_type, display_name, updated_at from public.agent_types
), agent_types as (
    select 'agent_types' as kind, agent_type, agent_type::text as key, agent_type::text as label,
           display_name::text as detail, updated_at as at
      from kind
     where agent_type ilike :inside or display_name ilike :inside
     order by agent_type limit :most
), instances as (
    select 'agent_states' as kind, agent_type, state_id::text as key, agent_instance_id::text as label,
           status::text as detail, last_activity as at
      from public.agent_states
     where agent_instance_id ilike :inside or state_id between :low and :high
     order by last_activity desc nulls last limit :most
), sessions as (
    select 'sessions' as kind, found.agent_type, found.session_id::text as key,
           left(found.session_id::text, 8) as label, found.session_name::text as detail,
           found.start_time as at
      from kind
     cross join lateral (
           (
           select s.agent_type, s.session_id, s.session_name, s.start_time
             from public.sessions as s
            where s.agent_type = kind.agent_type and s.session_id between :low and :high
            limit :most
           ) union (
           select latest.*
             from (
                  select s.agent_type, s.session_id, s.session_name, s.start_time
                    from public.sessions as s
                   where s.agent_type = kind.agent_type
                   order by s.start_time desc
                   limit :looked_at
                  ) as latest
            where latest.session_name ilike :inside
            limit :most
           )
           ) as found
     order by found.start_time desc limit :most
), episodes as (
    select 'trajectories' as kind, found.agent_type, found.trajectory_id::text as key,
           left(found.trajectory_id::text, 8) as label, found.task_id::text as detail,
           found.completed_at as at
      from kind
     cross join lateral (
           select t.agent_type, t.trajectory_id, t.task_id, t.completed_at
             from public.trajectories as t
            where t.agent_type = kind.agent_type and t.trajectory_id between :low and :high
            limit :most
           ) as found
     order by found.completed_at desc limit :most
), tasks as (
    select 'tasks' as kind, found.agent_type, found.task_id::text as key, found.task_id::text as label,
           null as detail, null::timestamptz as at
      from kind
     cross join lateral (
           -- from one task to the next, however many episodes each has
           with recursive task as (
               (
               select t.agent_type, t.task_id, 1 as place
                 from public.trajectories as t
                where t.agent_type = kind.agent_type and t.task_id like :begins
                order by t.task_id using ~<~ limit 1
               ) union all (
               select following.agent_type, following.task_id, task.place + 1
                 from task
                cross join lateral (
                      select t.agent_type, t.task_id
                        from public.trajectories as t
                       where t.agent_type = kind.agent_type and t.task_id like :begins
                         and t.task_id ~>~ task.task_id
                       order by t.task_id using ~<~ limit 1
                      ) as following
                where task.place < :most
               )
           )
           select task.agent_type, task.task_id from task
           ) as found
     order by found.task_id, found.agent_type limit :most
), patterns as (
    select 'patterns' as kind, found.agent_type, found.pattern_id::text as key,
           found.pattern_name::text as label, 'version ' || found.version as detail,
           found.last_used as at
      from kind
     cross join lateral (
           select known.*
             from (
                  select p.agent_type, p.pattern_id, p.pattern_name, p.version, p.last_used
                    from public.patterns as p
                   where p.agent_type = kind.agent_type
                   limit :looked_at
                  ) as known
            where known.pattern_name ilike :inside or known.pattern_id between :low and :high
            limit :most
           ) as found
     order by found.pattern_name, found.version desc limit :most
), states as (
    select 'states' as kind, found.agent_type, found.state_hash::text as key,
           left(found.state_hash, 8) as label, found.state_data::text as detail,
           null::timestamptz as at
      from kind
     cross join lateral (
           select distinct on (q.state_hash) q.agent_type, q.state_hash, q.state_data
             from public.q_values as q
            where q.agent_type = kind.agent_type and q.state_hash like :hash
            order by q.state_hash
            limit :most
           ) as found
     order by found.state_hash, found.agent_type limit :most
)
select * from agent_types
union all select * from instances
union all select * from sessions
union all select * from tasks
union all select * from patterns
union all select * from states
union all select * from episodes
