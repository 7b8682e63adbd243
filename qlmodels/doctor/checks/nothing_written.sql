-- $1: episodes that the instances of an agent type report at least. A purge leaves pairs of an agent
-- type in use alone, and instances that have long gone tell of nothing.
select format('%s reports episodes and writes nothing', kind.agent_type) as what,
       format(
           'its instances report %s episodes in agent_states, and no pair, episode or reward of it '
           'is there', instance.tasks
       ) as evidence,
       format(
           'see that the writes of %s reach the database: await them, and read its log', kind.agent_type
       ) as fix
  from public.agent_types as kind
  join (
       select state.agent_type, sum(state.total_tasks) as tasks
         from public.agent_states as state
        where state.last_activity > now() - interval '7 days'
        group by state.agent_type
  ) as instance on instance.agent_type = kind.agent_type
 where instance.tasks >= $1::bigint
   and not exists (select from public.q_values as pair where pair.agent_type = kind.agent_type)
   and not exists (select from public.trajectories as it where it.agent_type = kind.agent_type)
   and not exists (select from public.rewards as reward where reward.agent_type = kind.agent_type)
 order by what
