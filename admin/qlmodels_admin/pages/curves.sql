-- The return of one agent type's episodes as curves of at most `points` points: one for training and
-- one for greedy evaluation of each group. Read from an index, but for `by` step, which counts the
-- actions of each episode. Grouped by seed, a point is the mean over seeds, and its error is theirs.
with episode as (
    select j.completed_at, j.total_reward, j.success, j.is_evaluation, j.seed, j.session_id,
           null::integer as steps
      from public.trajectories as j
     where j.agent_type = :agent_type and cast(:by as text) <> 'step'
    union all
    select j.completed_at, j.total_reward, j.success, j.is_evaluation, j.seed, j.session_id,
           jsonb_array_length(j.actions_taken)
      from public.trajectories as j
     where j.agent_type = :agent_type and cast(:by as text) = 'step'
), run as (
    select s.session_id, s.agent_instance_id, s.environment
      from public.sessions as s
     where s.agent_type = :agent_type
), chosen as (
    select episode.*,
           case cast(:groups as text)
               when 'instance' then coalesce(run.agent_instance_id, 'no instance')
               when 'environment' then coalesce(run.environment, 'no environment')
               else '' end as label,
           case when cast(:groups as text) = 'seed' then coalesce(episode.seed::text, '') else '' end
               as part
      from episode
      left join run using (session_id)
     where (cast(:instance as text) is null or run.agent_instance_id = :instance)
       and (cast(:environment as text) is null or run.environment = :environment)
       and (cast(:groups as text) <> 'seed' or episode.seed is not null)
), placed as (
    select *,
           case cast(:by as text)
               when 'time' then extract(epoch from completed_at)::double precision
               when 'step' then (sum(steps) over so_far)::double precision
               else (count(*) over so_far)::double precision end as x
      from chosen
    window so_far as (
        partition by label, part order by completed_at rows unbounded preceding
    )
), bounds as (
    select label, min(x) as low, nullif(max(x) - min(x), 0) as span
      from placed
     group by label
), bucketed as (
    select placed.*,
           least(cast(:points as integer) - 1,
                 floor((x - bounds.low) / coalesce(bounds.span, 1) * cast(:points as integer)))
               as bucket
      from placed
      join bounds using (label)
), cell as (
    select label, is_evaluation, part, bucket, count(*) as episodes, avg(x) as x,
           avg(total_reward) as mean, var_samp(total_reward) as variance,
           avg(success::integer) as success, max(completed_at) as ended
      from bucketed
     group by label, is_evaluation, part, bucket
)
select label, is_evaluation, avg(x) as x, sum(episodes)::bigint as episodes, count(*) as parts,
       avg(mean) as mean,
       case when cast(:groups as text) = 'seed' then stddev_samp(mean) / sqrt(count(*))
            else max(sqrt(variance / episodes)) end as error,
       (sum(success * episodes) / sum(episodes))::double precision as success,
       max(ended) as ended
  from cell
 group by label, is_evaluation, bucket
 order by label, is_evaluation, bucket
