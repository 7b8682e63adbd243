-- Delete at most p_batch expired rows of one table: the caller's own, or everybody's for a login
-- that speaks for all. Rows that somebody else is writing are left for the next time, so that
-- nobody waits. Rewards and sessions expire by their agent type's retention_days; a session not
-- before all that it made has gone.
create or replace function qlmodels.purge_expired(p_table text, p_batch integer) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
as $$
declare
    v_agent_type text := qlmodels.speaking_for();
    v_deleted bigint;
begin
    case p_table
    when 'q_values' then
        delete from public.q_values as expired
         using (
               select pair.agent_type, pair.q_value_id
                 from public.q_values as pair
                where pair.expires_at < now()
                  and (v_agent_type is null or pair.agent_type = v_agent_type)
                limit p_batch
                  for update skip locked
         ) as chosen
         where expired.agent_type = chosen.agent_type
           and expired.q_value_id = chosen.q_value_id;
    when 'trajectories' then
        -- with their rewards, which would else be deleted one by one, and as if by a person
        with chosen as (
            select episode.agent_type, episode.trajectory_id
              from public.trajectories as episode
             where episode.expires_at < now()
               and (v_agent_type is null or episode.agent_type = v_agent_type)
             limit p_batch
               for update skip locked
        ), earned as (
            delete from public.rewards as reward
             using chosen
             where reward.agent_type = chosen.agent_type
               and reward.trajectory_id = chosen.trajectory_id
        )
        delete from public.trajectories as expired
         using chosen
         where expired.agent_type = chosen.agent_type
           and expired.trajectory_id = chosen.trajectory_id;
    when 'patterns' then
        delete from public.patterns as expired
         using (
               select pattern.agent_type, pattern.pattern_id
                 from public.patterns as pattern
                where pattern.expires_at < now()
                  and (v_agent_type is null or pattern.agent_type = v_agent_type)
                limit p_batch
                  for update skip locked
         ) as chosen
         where expired.agent_type = chosen.agent_type
           and expired.pattern_id = chosen.pattern_id;
    when 'rewards' then
        delete from public.rewards as expired
         using (
               select reward.agent_type, reward.reward_id
                 from public.rewards as reward
                 join public.agent_types as kind on kind.agent_type = reward.agent_type
                where reward.observed_at < now() - make_interval(days => kind.retention_days)
                  and (v_agent_type is null or reward.agent_type = v_agent_type)
                limit p_batch
                  for update of reward skip locked
         ) as chosen
         where expired.agent_type = chosen.agent_type
           and expired.reward_id = chosen.reward_id;
    when 'sessions' then
        delete from public.sessions as expired
         using (
               select run.agent_type, run.session_id
                 from public.sessions as run
                 join public.agent_types as kind on kind.agent_type = run.agent_type
                where greatest(run.start_time, run.end_time, run.updated_at)
                      < now() - make_interval(days => kind.retention_days)
                  and (v_agent_type is null or run.agent_type = v_agent_type)
                  and not exists (
                      select from public.q_values as made
                       where made.agent_type = run.agent_type and made.session_id = run.session_id
                  )
                  and not exists (
                      select from public.trajectories as made
                       where made.agent_type = run.agent_type and made.session_id = run.session_id
                  )
                  and not exists (
                      select from public.rewards as made
                       where made.agent_type = run.agent_type and made.session_id = run.session_id
                  )
                limit p_batch
                  for update of run skip locked
         ) as chosen
         where expired.agent_type = chosen.agent_type
           and expired.session_id = chosen.session_id;
    else
        raise invalid_parameter_value using
            message = format('table %L has no retention', p_table),
            hint = 'It is one of q_values, trajectories, patterns, rewards, sessions.';
    end case;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end $$;
