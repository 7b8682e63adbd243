-- The newest episodes of one agent type or all, if `success` and `is_greedy` are as wanted, before a
-- moment, or of that moment with a key after `after`: sought in an index, among the last 10,000 of
-- each agent type, and only then read.
with named as (
    select t.agent_type
      from public.agent_types as t
     where cast(:agent_type as text) is null or t.agent_type = :agent_type
), found as (
    select named.agent_type, wanted.completed_at
      from named
     cross join lateral (
           select latest.completed_at
             from (
                  select j.completed_at, j.success, j.is_evaluation
                    from public.trajectories as j
                   where j.agent_type = named.agent_type
                     and (cast(:before as timestamptz) is null or j.completed_at < :before)
                   order by j.completed_at desc
                   limit 10000
                  ) as latest
            where (cast(:success as boolean) is null or latest.success = :success)
              and (cast(:is_greedy as boolean) is null or latest.is_evaluation = :is_greedy)
            order by latest.completed_at desc
            limit cast(:size as integer)
           ) as wanted
     order by wanted.completed_at desc
     fetch first (cast(:size as integer)) rows with ties
), moment as (
    select agent_type, completed_at
      from found
     union
    select agent_type, cast(:before as timestamptz)
      from named
     where cast(:after as uuid) is not null
)
select j.agent_type, j.trajectory_id, j.task_id, j.total_reward, j.success, j.is_evaluation,
       j.truncated, j.error_message, j.completed_at, j.policy_version,
       jsonb_array_length(j.actions_taken) as steps
  from moment
  join public.trajectories as j
    on j.agent_type = moment.agent_type and j.completed_at = moment.completed_at
 where (j.completed_at is distinct from cast(:before as timestamptz) or j.trajectory_id > :after)
   and (cast(:success as boolean) is null or j.success = :success)
   and (cast(:is_greedy as boolean) is null or j.is_evaluation = :is_greedy)
 order by j.completed_at desc, j.trajectory_id
 limit cast(:size as integer)
