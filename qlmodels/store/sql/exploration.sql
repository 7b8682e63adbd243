-- How an instance of an agent type explores, and how many episodes it has behind it.
select kind.exploration_rate,
       kind.exploration_decay,
       kind.min_exploration_rate,
       kind.created_at,
       coalesce(instance.total_tasks, 0) as total_tasks
  from public.agent_types as kind
  left join public.agent_states as instance
    on instance.agent_type = kind.agent_type
   and instance.agent_instance_id = $2
 where kind.agent_type = $1
