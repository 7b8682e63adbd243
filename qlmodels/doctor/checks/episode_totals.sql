-- $1: episodes that there are at least on one side, $2: times the other side. Of agent types that record
-- episodes and of which none can have expired; who records none at all is no case of this.
select format('%s reports other totals than it records', kind.agent_type) as what,
       format(
           'its instances report %s episodes in agent_states, and %s are in trajectories',
           instance.tasks, episode.number
       ) as evidence,
       case when instance.tasks > episode.number
            then format('see that %s records each episode that it counts, and that record() did not fail', kind.agent_type)
            else format(
                'see that instances of %s add to their totals, as heartbeat() does, instead of beginning '
                'anew in memory', kind.agent_type
            )
       end as fix
  from public.agent_types as kind
  join (
       select state.agent_type, sum(state.total_tasks) as tasks, min(state.initialized_at) as since
         from public.agent_states as state
        group by state.agent_type
       having max(state.last_activity) > now() - interval '7 days'
  ) as instance on instance.agent_type = kind.agent_type
  join lateral (
       select count(*) as number
         from public.trajectories as it
        where it.agent_type = kind.agent_type
          and not it.is_evaluation
          and it.completed_at >= instance.since
  ) as episode on episode.number > 0
 where (kind.retention_days is null or instance.since > now() - qlmodels.retention(kind.retention_days))
   and (
       instance.tasks >= $1::bigint and instance.tasks > $2::bigint * episode.number
       or episode.number >= $1::bigint and episode.number > $2::bigint * instance.tasks
   )
 order by what
