-- Delete at most p_batch expired rows of one table, the caller's own or, for a login that speaks for all,
-- every agent type's: how many of which agent type. Pairs are kept first, as the version that is named.
-- Rows that another transaction is writing are left for the next time, so that none waits. The views
-- expiring_... say what expires and when. The server's log names what went and how it comes back.
create or replace function qlmodels.purge(p_table text, p_batch integer)
returns table (agent_type text, deleted bigint, policy_version integer)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    v_gone text[];
begin
    perform qlmodels.speaking_for();
    case p_table
    when 'q_values' then
        for agent_type, deleted, policy_version in select * from qlmodels.purge_pairs(p_batch) loop
            raise log 'purged % of q_values of %, kept as version %: qlmodels policy restore % %',
                deleted, agent_type, policy_version, agent_type, policy_version;
            return next;
        end loop;
        return;
    when 'trajectories' then
        -- with their rewards, which would else be deleted one by one, and as if by a person
        with chosen as (
            select due.agent_type, due.trajectory_id
              from qlmodels.expiring_trajectories as due
             where due.expires_at < now()
             limit p_batch
               for update skip locked
        ), earned as (
            delete from public.rewards as reward
             using chosen
             where reward.agent_type = chosen.agent_type
               and reward.trajectory_id = chosen.trajectory_id
        ), gone as (
            delete from public.trajectories as expired
             using chosen
             where expired.agent_type = chosen.agent_type
               and expired.trajectory_id = chosen.trajectory_id
            returning expired.agent_type
        )
        select array_agg(gone.agent_type::text) into v_gone from gone;
    when 'patterns' then
        with gone as (
            delete from public.patterns as expired
             using (
                   select due.agent_type, due.pattern_id
                     from qlmodels.expiring_patterns as due
                    where due.expires_at < now()
                    limit p_batch
                      for update skip locked
             ) as chosen
             where expired.agent_type = chosen.agent_type
               and expired.pattern_id = chosen.pattern_id
            returning expired.agent_type
        )
        select array_agg(gone.agent_type::text) into v_gone from gone;
    when 'rewards' then
        with gone as (
            delete from public.rewards as expired
             using (
                   select due.agent_type, due.reward_id
                     from qlmodels.expiring_rewards as due
                    where due.expires_at < now()
                    limit p_batch
                      for update skip locked
             ) as chosen
             where expired.agent_type = chosen.agent_type
               and expired.reward_id = chosen.reward_id
            returning expired.agent_type
        )
        select array_agg(gone.agent_type::text) into v_gone from gone;
    when 'sessions' then
        with gone as (
            delete from public.sessions as expired
             using (
                   select due.agent_type, due.session_id
                     from qlmodels.expiring_sessions as due
                    where due.expires_at < now()
                    limit p_batch
                      for update skip locked
             ) as chosen
             where expired.agent_type = chosen.agent_type
               and expired.session_id = chosen.session_id
            returning expired.agent_type
        )
        select array_agg(gone.agent_type::text) into v_gone from gone;
    else
        raise invalid_parameter_value using
            message = format('table %L has no retention', p_table),
            hint = 'It is one of q_values, trajectories, patterns, rewards, sessions.';
    end case;
    for agent_type, deleted in
        select went, count(*) from unnest(v_gone) as went group by went order by went
    loop
        raise log 'purged % of % of %', deleted, p_table, agent_type;
        return next;
    end loop;
end $$;
