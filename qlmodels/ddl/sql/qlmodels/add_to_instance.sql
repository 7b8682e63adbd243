-- Add finished episodes and other counts to the totals of an instance, whose row is made where it is
-- missing; its episodes then, and what its epsilon follows from. No row for an unknown agent type.
-- Without a status it is no heartbeat: the status and the rates that were reported stay, epsilon
-- follows the episodes, and where there are none nothing is written.
create or replace function qlmodels.add_to_instance(
    p_agent_type text, p_instance text, p_episodes integer, p_successes integer,
    p_total_reward double precision, p_status text default null,
    p_exploration_rate double precision default null, p_learning_rate double precision default null,
    p_patterns integer default 0, p_pairs integer default 0, p_lookups bigint default 0,
    p_lookup_hits bigint default 0
)
returns table (
    total_tasks integer, exploration_rate double precision, exploration_decay double precision,
    min_exploration_rate double precision
)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
#variable_conflict use_column
begin
    if p_status is null and p_episodes = 0 then
        return query
        select coalesce(instance.total_tasks, 0), kind.exploration_rate, kind.exploration_decay,
               kind.min_exploration_rate
          from public.agent_types as kind
          left join public.agent_states as instance
            on instance.agent_type = kind.agent_type
           and instance.agent_instance_id = p_instance
         where kind.agent_type = p_agent_type;
        return;
    end if;
    return query
    with kind as materialized (
        select agent_type, learning_rate, exploration_rate, exploration_decay, min_exploration_rate
          from public.agent_types
         where agent_type = p_agent_type
    ), added as (
        insert into public.agent_states as instance (
            agent_type, agent_instance_id, status, total_tasks, successful_tasks, failed_tasks,
            total_reward, avg_reward, current_exploration_rate, current_learning_rate,
            patterns_learned, q_values_stored, lookups, lookup_hits
        )
        select kind.agent_type, p_instance, coalesce(p_status, 'idle'), p_episodes, p_successes,
               p_episodes - p_successes, qlmodels.total_after(0, p_total_reward),
               qlmodels.mean_of(qlmodels.total_after(0, p_total_reward), p_episodes),
               coalesce(
                   p_exploration_rate,
                   qlmodels.exploration_after(
                       kind.exploration_rate, kind.exploration_decay, kind.min_exploration_rate,
                       p_episodes
                   )
               ),
               coalesce(p_learning_rate, kind.learning_rate),
               p_patterns, p_pairs, p_lookups, p_lookup_hits
          from kind
        on conflict (agent_type, agent_instance_id) do update
           set status = coalesce(p_status, instance.status),
               total_tasks = instance.total_tasks + excluded.total_tasks,
               successful_tasks = instance.successful_tasks + excluded.successful_tasks,
               failed_tasks = instance.failed_tasks + excluded.failed_tasks,
               total_reward = qlmodels.total_after(instance.total_reward, excluded.total_reward),
               avg_reward = qlmodels.mean_of(
                   qlmodels.total_after(instance.total_reward, excluded.total_reward),
                   instance.total_tasks + excluded.total_tasks
               ),
               current_exploration_rate = coalesce(
                   p_exploration_rate,
                   (select qlmodels.exploration_after(
                               kind.exploration_rate, kind.exploration_decay,
                               kind.min_exploration_rate, instance.total_tasks + excluded.total_tasks
                           )
                      from kind)
               ),
               current_learning_rate = case
                   when p_status is null then instance.current_learning_rate
                   else excluded.current_learning_rate
               end,
               patterns_learned = instance.patterns_learned + excluded.patterns_learned,
               q_values_stored = instance.q_values_stored + excluded.q_values_stored,
               lookups = instance.lookups + excluded.lookups,
               lookup_hits = instance.lookup_hits + excluded.lookup_hits,
               last_activity = now()
        returning instance.total_tasks
    )
    select added.total_tasks, kind.exploration_rate, kind.exploration_decay,
           kind.min_exploration_rate
      from added
     cross join kind;
end $$;
