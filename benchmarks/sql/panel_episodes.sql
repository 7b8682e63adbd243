-- Five instances of each agent type, which made the episodes.
insert into public.agent_states (
    agent_type, agent_instance_id, total_tasks, successful_tasks, current_exploration_rate,
    current_learning_rate, status
)
select kind.agent_type, kind.agent_type || '-' || number, 1000, 600, 0.1, 0.1, 'idle'
  from public.agent_types as kind, generate_series(1, 5) as number
