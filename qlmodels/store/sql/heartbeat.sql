-- Add the counts of an instance to its totals; no row for an unknown agent type.
with kind as materialized (
    select agent_type, learning_rate, exploration_rate, exploration_decay, min_exploration_rate
      from public.agent_types
     where agent_type = $1
), beat as (
    insert into public.agent_states as instance (
        agent_type, agent_instance_id, status, total_tasks, successful_tasks, failed_tasks,
        total_reward, avg_reward, current_exploration_rate, current_learning_rate,
        patterns_learned, q_values_stored, lookups, lookup_hits
    )
    select kind.agent_type, $2::text, $3::text, $4::integer, $5::integer,
           $4::integer - $5::integer, $6::double precision,
           coalesce($6::double precision / nullif($4::integer, 0), 0),
           coalesce(
               $7::double precision,
               greatest(
                   kind.min_exploration_rate,
                   kind.exploration_rate * power(kind.exploration_decay, $4::integer)
               )
           ),
           coalesce($8::double precision, kind.learning_rate),
           $9::integer, $10::integer, $11::bigint, $12::bigint
      from kind
    on conflict (agent_type, agent_instance_id) do update
       set status = excluded.status,
           total_tasks = instance.total_tasks + excluded.total_tasks,
           successful_tasks = instance.successful_tasks + excluded.successful_tasks,
           failed_tasks = instance.failed_tasks + excluded.failed_tasks,
           total_reward = instance.total_reward + excluded.total_reward,
           avg_reward = coalesce(
               (instance.total_reward + excluded.total_reward)
                   / nullif(instance.total_tasks + excluded.total_tasks, 0),
               0
           ),
           current_exploration_rate = coalesce(
               $7::double precision,
               (select greatest(
                           kind.min_exploration_rate,
                           kind.exploration_rate * power(
                               kind.exploration_decay, instance.total_tasks + excluded.total_tasks
                           )
                       )
                  from kind)
           ),
           current_learning_rate = excluded.current_learning_rate,
           patterns_learned = instance.patterns_learned + excluded.patterns_learned,
           q_values_stored = instance.q_values_stored + excluded.q_values_stored,
           lookups = instance.lookups + excluded.lookups,
           lookup_hits = instance.lookup_hits + excluded.lookup_hits,
           last_activity = now()
    returning instance.total_tasks
)
select beat.total_tasks, kind.exploration_rate, kind.exploration_decay, kind.min_exploration_rate
  from beat
 cross join kind
